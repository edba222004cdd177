with

universe as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner' and {{ in_stale_weeks('week_date') }}
),

announcements as (
    select * from {{ ref('int_announcement__ordered') }}
),

mixed as (
    select
        symbol,
        week_date as event_date,
        true as is_week,
        neutralisation_cap_cny as cap_cny,
        cast(null as date) as state_date,
        cast(null as date) as report_period
    from universe
    union all
    select
        symbol,
        state_date as event_date,
        false as is_week,
        cast(null as double) as cap_cny,
        state_date,
        report_period
    from announcements
),

-- Rows of the same day are peers: what is announced on week_date counts on week_date.
carried as (
    select
        symbol,
        event_date as week_date,
        is_week,
        cap_cny,
        max(state_date) over so_far as state_date,
        max(report_period) over so_far as report_period
    from mixed
    window so_far as (
        partition by symbol order by event_date
        range between unbounded preceding and current row
    )
),

-- A company whose latest period ended more than twelve months ago counts as silent.
final as (
    select
        symbol,
        week_date,
        cap_cny,
        case
            when {{ dbt.dateadd('month', 12, 'report_period') }} >= week_date then state_date
        end as state_date
    from carried
    where is_week
)

select * from final
