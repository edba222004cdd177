with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

states as (
    select * from {{ ref('int_fundamental_state__visible') }}
),

quarters as (
    select * from {{ ref('int_quarter__measured') }}
),

factors as (
    select * from {{ ref('fct_factor_raw') }}
    where {{ in_stale_weeks('week_date') }}
),

-- The table that gave the visible quarter, as known on its announcement.
sourced as (
    select
        weeks.symbol,
        weeks.week_date,
        quarters.source_table
    from weeks
    inner join states
        on
            weeks.symbol = states.symbol
            and weeks.state_date = states.state_date
    inner join quarters
        on
            states.symbol = quarters.symbol
            and states.quarter_number = quarters.quarter_number
            and states.state_date >= quarters.known_at
            and states.state_date < quarters.until_date
),

counted as (
    select
        sourced.source_table,
        sourced.week_date,
        count(*) as stock_count{{ for_each(
            statement_factors(), ',\n        count(factors.{}) as {}', '') }}
    from sourced
    inner join factors
        on
            sourced.symbol = factors.symbol
            and sourced.week_date = factors.week_date
    group by sourced.source_table, sourced.week_date
),

-- Where a user's factors stand in for all computed ones, none is made of statements.
final as (
    select
        '' as factor,
        source_table,
        week_date,
        stock_count,
        stock_count as present_count,
        week_date as known_at
    from counted
    where false
    {{ for_each(
        statement_factors(),
        "union all\n    select '{}' as factor, source_table, week_date, stock_count,"
        ~ " {} as present_count, week_date as known_at from counted",
        '\n    ') }}
)

select * from final
