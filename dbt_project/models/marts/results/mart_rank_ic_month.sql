with

rank_ic_weeks as (
    select * from {{ ref('int_rank_ic__by_week') }}
),

dated as (
    select
        run_id,
        rule_set,
        model,
        cast({{ dbt.date_trunc('month', 'week_date') }} as date) as month_start,
        rank_ic,
        known_at
    from rank_ic_weeks
    where horizon_weeks = 1 and label_kind = 'cumulative'
),

final as (
    select
        run_id,
        rule_set,
        model,
        month_start,
        cast(extract(month from month_start) as integer) as calendar_month,
        count(rank_ic) as week_count,
        avg(rank_ic) as mean_rank_ic,
        max(known_at) as known_at
    from dated
    group by run_id, rule_set, model, month_start
)

select * from final
