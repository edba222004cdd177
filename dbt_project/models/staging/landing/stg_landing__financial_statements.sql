with

source as (
    select * from {{ source('landing', 'financial_statements') }}
),

renamed as (
    select
        cast(symbol as varchar) as symbol,
        cast(report_period as date) as report_period,
        cast(announce_date as date) as announce_date,
        cast(revenue as double) as revenue,
        cast(operating_cost as double) as operating_cost,
        cast(operating_profit as double) as operating_profit,
        cast(net_profit as double) as net_profit,
        cast(parent_net_profit as double) as parent_net_profit,
        cast(deducted_net_profit as double) as deducted_net_profit,
        cast(operating_cash_flow as double) as operating_cash_flow,
        cast(capital_expenditure as double) as capital_expenditure,
        cast(financial_expense as double) as financial_expense,
        cast(total_assets as double) as total_assets,
        cast(total_liabilities as double) as total_liabilities,
        cast(current_assets as double) as current_assets,
        cast(current_liabilities as double) as current_liabilities,
        cast(non_current_liabilities as double) as non_current_liabilities,
        cast(cash_and_equivalents as double) as cash_and_equivalents,
        cast(inventory as double) as inventory,
        cast(accounts_receivable as double) as accounts_receivable,
        cast(interest_bearing_debt as double) as interest_bearing_debt,
        cast(long_term_debt as double) as long_term_debt,
        cast(shareholders_equity as double) as shareholders_equity
    from source
)

select * from renamed
