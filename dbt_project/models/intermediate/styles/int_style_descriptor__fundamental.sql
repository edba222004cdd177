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

valuation_factors as (
    select * from {{ ref('int_factor__valuation') }}
),

leverage_factors as (
    select * from {{ ref('int_factor__leverage') }}
),

final as (
    select
        weeks.symbol,
        weeks.week_date,
        valuation_factors.book_to_price as book_to_market,
        valuation_factors.operating_cash_flow_to_price_ttm as cash_earnings_to_price,
        valuation_factors.earnings_to_price_ttm as earnings_to_price,
        trends.annual_parent_net_profit_trend as earnings_growth,
        trends.annual_revenue_trend as sales_growth,
        {{ positive_divide('weeks.cap_cny + states.long_term_debt', 'weeks.cap_cny') }}
            as debt_to_market,
        leverage_factors.debt_to_assets as liabilities_to_assets,
        {{ positive_divide(
            'states.shareholders_equity + states.long_term_debt', 'states.shareholders_equity') }}
            as debt_to_book
    from weeks
    inner join valuation_factors
        on
            weeks.symbol = valuation_factors.symbol
            and weeks.week_date = valuation_factors.week_date
    inner join leverage_factors
        on
            weeks.symbol = leverage_factors.symbol
            and weeks.week_date = leverage_factors.week_date
    left join states
        on
            weeks.symbol = states.symbol
            and weeks.state_date = states.state_date
    left join trends
        on
            weeks.symbol = trends.symbol
            and weeks.state_date = trends.state_date
)

select * from final
