with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

states as (
    select * from {{ ref('int_fundamental_state__compared') }}
),

trends as (
    select * from {{ ref('int_fundamental_state__trended') }}
),

returns as (
    select
        *,
        {{ return_on_equity(
            'parent_net_profit_ttm', 'shareholders_equity', 'shareholders_equity_year_ago') }}
            as roe_ttm,
        {{ return_on_equity(
            'parent_net_profit_ttm_year_ago', 'shareholders_equity_year_ago',
            'shareholders_equity_two_years_ago') }} as roe_ttm_year_ago,
        {{ gross_margin('revenue_ttm', 'operating_cost_ttm') }} as gross_margin_ttm,
        {{ gross_margin('revenue_ttm_year_ago', 'operating_cost_ttm_year_ago') }}
            as gross_margin_ttm_year_ago
    from states
),

measured as (
    select
        returns.symbol,
        returns.state_date,
        {{ relative_change('revenue_quarter', 'revenue_quarter_year_ago') }}
            as revenue_yoy_quarter,
        {{ relative_change('parent_net_profit_quarter', 'parent_net_profit_quarter_year_ago') }}
            as net_profit_yoy_quarter,
        {{ relative_change(
            'deducted_net_profit_quarter', 'deducted_net_profit_quarter_year_ago') }}
            as deducted_profit_yoy_quarter,
        {{ relative_change(
            'operating_cash_flow_quarter', 'operating_cash_flow_quarter_year_ago') }}
            as operating_cash_flow_yoy_quarter,
        coalesce(
            {{ relative_change('total_assets', 'total_assets_year_ago') }},
            returns.given_total_assets_yoy
        ) as total_assets_yoy,
        coalesce(
            returns.given_equity_yoy,
            {{ relative_change('shareholders_equity', 'shareholders_equity_year_ago') }}
        ) as equity_yoy,
        returns.roe_ttm - returns.roe_ttm_year_ago as roe_change_yoy,
        returns.gross_margin_ttm - returns.gross_margin_ttm_year_ago as gross_margin_change_yoy,
        trends.revenue_trend as revenue_growth_3y,
        trends.parent_net_profit_trend as net_profit_growth_3y,
        trends.parent_net_profit_surprise as standardized_unexpected_earnings,
        trends.revenue_surprise as standardized_unexpected_revenue
    from returns
    left join trends
        on
            returns.symbol = trends.symbol
            and returns.state_date = trends.state_date
),

final as (
    select
        weeks.symbol,
        weeks.week_date,
        {{ for_each(factors_of('growth'), 'measured.{}') }}
    from weeks
    left join measured
        on
            weeks.symbol = measured.symbol
            and weeks.state_date = measured.state_date
)

select * from final
