with

states as (
    select * from {{ ref('int_fundamental_state__visible') }}
),

quarters as (
    select * from {{ ref('int_quarter__measured') }}
),

-- The visible quarter and those before it, each as known on the day of the announcement.
final as (
    select
        states.symbol,
        states.state_date,
        {{ for_each(flow_items(), 'now.{}_quarter,\n        now.{}_ttm') }},
        {{ for_each(balance_items() + given_ratios(), 'now.{}') }},
        {{ for_each(
            ['total_assets', 'shareholders_equity'], 'quarter_ago.{} as {}_quarter_ago') }},
        {{ for_each(
            [
                'revenue_quarter', 'parent_net_profit_quarter', 'deducted_net_profit_quarter',
                'operating_cash_flow_quarter', 'revenue_ttm', 'operating_cost_ttm',
                'parent_net_profit_ttm', 'total_assets', 'shareholders_equity', 'inventory',
                'accounts_receivable',
            ],
            'year_ago.{} as {}_year_ago') }},
        two_years_ago.shareholders_equity as shareholders_equity_two_years_ago
    from states
    inner join quarters as now
        on
            states.symbol = now.symbol
            and states.quarter_number = now.quarter_number
            and states.state_date >= now.known_at
            and states.state_date < now.until_date
    left join quarters as quarter_ago
        on
            states.symbol = quarter_ago.symbol
            and states.quarter_number - 1 = quarter_ago.quarter_number
            and states.state_date >= quarter_ago.known_at
            and states.state_date < quarter_ago.until_date
    left join quarters as year_ago
        on
            states.symbol = year_ago.symbol
            and states.quarter_number - 4 = year_ago.quarter_number
            and states.state_date >= year_ago.known_at
            and states.state_date < year_ago.until_date
    left join quarters as two_years_ago
        on
            states.symbol = two_years_ago.symbol
            and states.quarter_number - 8 = two_years_ago.quarter_number
            and states.state_date >= two_years_ago.known_at
            and states.state_date < two_years_ago.until_date
)

select * from final
