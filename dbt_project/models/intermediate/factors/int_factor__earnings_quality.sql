with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

states as (
    select * from {{ ref('int_fundamental_state__compared') }}
),

grown as (
    select
        *,
        {{ relative_change('revenue_ttm', 'revenue_ttm_year_ago') }} as sales_growth
    from states
),

measured as (
    select
        symbol,
        state_date,
        {{ positive_divide(
            'net_profit_ttm - operating_cash_flow_ttm',
            mean_balance('total_assets', 'total_assets_year_ago')) }} as accruals_to_assets_ttm,
        {{ positive_divide('operating_cash_flow_ttm', 'revenue_ttm') }} as cash_flow_margin_ttm,
        {{ relative_change('inventory', 'inventory_year_ago') }} - sales_growth
            as inventory_growth_minus_sales,
        {{ relative_change('accounts_receivable', 'accounts_receivable_year_ago') }}
        - sales_growth as receivables_growth_minus_sales,
        {{ positive_divide(
            'shareholders_equity + interest_bearing_debt - cash_and_equivalents',
            'total_assets') }} as net_operating_assets_to_assets
    from grown
),

final as (
    select
        weeks.symbol,
        weeks.week_date,
        {{ for_each(factors_of('earnings_quality'), 'measured.{}') }}
    from weeks
    left join measured
        on
            weeks.symbol = measured.symbol
            and weeks.state_date = measured.state_date
)

select * from final
