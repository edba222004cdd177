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

-- Means over seeds go by the key without the seed.
final as (
    select * from measured
    union all
    select
        models.run_id,
        models.rule_set,
        models.model_family as model,
        measured.observation_date,
        avg(measured.rank_ic) as rank_ic
    from measured
    inner join models
        on
            measured.run_id = models.run_id
            and measured.rule_set = models.rule_set
            and measured.model = models.model
    where models.model_family <> models.model
    group by models.run_id, models.rule_set, models.model_family, measured.observation_date
)

select * from final
