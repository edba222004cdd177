with

dates as (
    select * from {{ ref('int_quarter__dated') }}
),

statements as (
    select * from {{ ref('int_statement__versioned') }}
),

final as (
    select
        dates.symbol,
        dates.quarter_number,
        now.fiscal_quarter,
        now.report_period,
        dates.known_at,
        dates.until_date,
        dates.version_number,
        now.source_table,
        {{ flow_columns() }},
        {{ for_each(balance_items() + given_ratios(), 'now.{}') }}
    from dates
    inner join statements as now
        on
            dates.symbol = now.symbol
            and dates.quarter_number = now.quarter_number
            and dates.known_at >= now.announce_date
            and dates.known_at < now.until_date
    left join statements as before
        on
            dates.symbol = before.symbol
            and dates.quarter_number - 1 = before.quarter_number
            and dates.known_at >= before.announce_date
            and dates.known_at < before.until_date
    left join statements as year_ago
        on
            dates.symbol = year_ago.symbol
            and dates.quarter_number - 4 = year_ago.quarter_number
            and dates.known_at >= year_ago.announce_date
            and dates.known_at < year_ago.until_date
    left join statements as annual
        on
            dates.symbol = annual.symbol
            and dates.quarter_number
            - {{ fiscal_quarter('dates.quarter_number') }} = annual.quarter_number
            and dates.known_at >= annual.announce_date
            and dates.known_at < annual.until_date
)

select * from final
