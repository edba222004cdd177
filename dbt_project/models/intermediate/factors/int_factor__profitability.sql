with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

states as (
    select * from {{ ref('int_fundamental_state__compared') }}
),

averaged as (
    select
        *,
        {{ mean_balance('total_assets', 'total_assets_quarter_ago') }} as mean_assets_quarter,
        {{ mean_balance('total_assets', 'total_assets_year_ago') }} as mean_assets_year
    from states
),

measured as (
    select
        symbol,
        state_date,
        {{ return_on_equity(
            'parent_net_profit_quarter', 'shareholders_equity',
            'shareholders_equity_quarter_ago') }} as roe_quarter,
        {{ return_on_equity(
            'parent_net_profit_ttm', 'shareholders_equity', 'shareholders_equity_year_ago') }}
            as roe_ttm,
        {{ positive_divide('net_profit_quarter', 'mean_assets_quarter') }} as roa_quarter,
        {{ positive_divide('net_profit_ttm', 'mean_assets_year') }} as roa_ttm,
        {{ gross_margin('revenue_quarter', 'operating_cost_quarter') }} as gross_margin_quarter,
        {{ gross_margin('revenue_ttm', 'operating_cost_ttm') }} as gross_margin_ttm,
        {{ positive_divide('parent_net_profit_quarter', 'revenue_quarter') }}
            as net_margin_quarter,
        {{ positive_divide('parent_net_profit_ttm', 'revenue_ttm') }} as net_margin_ttm,
        {{ positive_divide('revenue_quarter', 'mean_assets_quarter') }} as asset_turnover_quarter,
        {{ positive_divide('revenue_ttm', 'mean_assets_year') }} as asset_turnover_ttm,
        {{ positive_divide('operating_cash_flow_ttm', 'operating_profit_ttm') }}
            as operating_cash_to_profit_ttm,
        {{ positive_divide('revenue_ttm - operating_cost_ttm', 'total_assets') }}
            as gross_profit_to_assets_ttm
    from averaged
),

final as (
    select
        weeks.symbol,
        weeks.week_date,
        {{ for_each(factors_of('profitability'), 'measured.{}') }}
    from weeks
    left join measured
        on
            weeks.symbol = measured.symbol
            and weeks.state_date = measured.state_date
)

select * from final
