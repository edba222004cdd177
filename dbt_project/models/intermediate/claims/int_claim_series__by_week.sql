with

models as (
    select * from {{ ref('int_model__grouped') }}
),

rank_ic_weeks as (
    select * from {{ ref('int_rank_ic__by_week') }}
),

measured as (
    select
        run_id,
        rule_set,
        model,
        week_date as observation_date,
        rank_ic
    from rank_ic_weeks
    where horizon_weeks = 1 and label_kind = 'cumulative' and rank_ic is not null
),

final as (
    {{ with_seed_means(['rank_ic']) }}
)

select * from final
