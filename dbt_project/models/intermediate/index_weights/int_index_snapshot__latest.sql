with

index_weights as (
    select * from {{ ref('stg_landing__index_weights') }}
),

weeks as (
    select * from {{ ref('int_week__numbered') }}
    where is_in_data and {{ in_stale_weeks('week_date') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
),

published as (
    select distinct
        index_symbol,
        as_of_date
    from index_weights
),

-- Weights may be dated on a day without session: the last close before it is meant.
snapshots as (
    select
        published.index_symbol,
        published.as_of_date,
        max(sessions.trade_date) as as_of_session_date
    from published
    inner join sessions on published.as_of_date >= sessions.trade_date
    group by published.index_symbol, published.as_of_date
),

fresh as (
    select
        snapshots.index_symbol,
        weeks.week_date,
        snapshots.as_of_date,
        snapshots.as_of_session_date,
        row_number() over (
            partition by snapshots.index_symbol, weeks.week_date
            order by snapshots.as_of_date desc nulls last
        ) as recency
    from snapshots
    inner join weeks
        on
            snapshots.as_of_date <= weeks.week_date
            and {{ dbt.datediff('snapshots.as_of_date', 'weeks.week_date', 'day') }}
            <= {{ var('index_weight_max_age_days') }}
),

final as (
    select
        index_symbol,
        week_date,
        as_of_date,
        as_of_session_date
    from fresh
    where recency = 1
)

select * from final
