with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

states as (
    select * from {{ ref('int_fundamental_state__compared') }}
),

dividends as (
    select * from {{ ref('int_dividend__trailing') }}
),

summed as (
    select
        symbol,
        state_date,
        shareholders_equity,
        parent_net_profit_ttm,
        deducted_net_profit_ttm,
        revenue_ttm,
        operating_cash_flow_ttm,
        operating_profit_ttm,
        operating_cash_flow_ttm - capital_expenditure_ttm as free_cash_flow_ttm,
        total_liabilities - cash_and_equivalents as net_liabilities,
        case
            when parent_net_profit_ttm > 0
                then
                    {{ relative_change(
                        'parent_net_profit_ttm', 'parent_net_profit_ttm_year_ago') }}
        end as profit_growth
    from states
),

final as (
    select
        weeks.symbol,
        weeks.week_date,
        {{ positive_divide('summed.shareholders_equity', 'weeks.cap_cny') }} as book_to_price,
        {{ positive_divide('summed.parent_net_profit_ttm', 'weeks.cap_cny') }}
            as earnings_to_price_ttm,
        {{ positive_divide('summed.deducted_net_profit_ttm', 'weeks.cap_cny') }}
            as deducted_earnings_to_price_ttm,
        {{ positive_divide('summed.revenue_ttm', 'weeks.cap_cny') }} as sales_to_price_ttm,
        {{ positive_divide('summed.operating_cash_flow_ttm', 'weeks.cap_cny') }}
            as operating_cash_flow_to_price_ttm,
        {{ positive_divide('summed.free_cash_flow_ttm', 'weeks.cap_cny') }}
            as free_cash_flow_to_price_ttm,
        dividends.dividend_yield_ttm,
        {{ positive_divide(
            'summed.operating_profit_ttm', 'weeks.cap_cny + summed.net_liabilities') }}
            as operating_profit_to_enterprise_value,
        {{ positive_divide(
            'summed.parent_net_profit_ttm * summed.profit_growth', 'weeks.cap_cny') }}
            as growth_adjusted_earnings_yield
    from weeks
    left join summed
        on
            weeks.symbol = summed.symbol
            and weeks.state_date = summed.state_date
    left join dividends
        on
            weeks.symbol = dividends.symbol
            and weeks.week_date = dividends.week_date
)

select * from final
