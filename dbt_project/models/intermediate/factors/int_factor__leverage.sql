with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

states as (
    select * from {{ ref('int_fundamental_state__compared') }}
),

measured as (
    select
        symbol,
        state_date,
        non_current_liabilities,
        coalesce({{ positive_divide('total_liabilities', 'total_assets') }}, given_debt_to_assets)
            as debt_to_assets,
        {{ positive_divide(
            'financial_expense_ttm', 'operating_profit_ttm + financial_expense_ttm') }}
            as financial_expense_to_profit_ttm,
        coalesce(
            {{ positive_divide('current_assets', 'current_liabilities') }}, given_current_ratio
        ) as current_ratio,
        coalesce(
            {{ positive_divide('cash_and_equivalents', 'current_liabilities') }}, given_cash_ratio
        ) as cash_ratio,
        {{ positive_divide('non_current_liabilities', 'shareholders_equity') }}
            as non_current_liabilities_to_equity
    from states
),

-- Statements know no price: the ratio to market value is measured week by week.
final as (
    select
        weeks.symbol,
        weeks.week_date,
        measured.debt_to_assets,
        measured.financial_expense_to_profit_ttm,
        {{ positive_divide('weeks.cap_cny + measured.non_current_liabilities', 'weeks.cap_cny') }}
            as market_leverage,
        measured.current_ratio,
        measured.cash_ratio,
        measured.non_current_liabilities_to_equity
    from weeks
    left join measured
        on
            weeks.symbol = measured.symbol
            and weeks.state_date = measured.state_date
)

select * from final
