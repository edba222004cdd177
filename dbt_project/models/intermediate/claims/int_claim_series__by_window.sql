with

models as (
    select * from {{ ref('int_model__grouped') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

measured as (
    select
        run_id,
        rule_set,
        model,
        window_start as observation_date,
        in_sample_rank_ic,
        out_of_sample_rank_ic
    from training_windows
    where in_sample_rank_ic is not null and out_of_sample_rank_ic is not null
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
        avg(measured.in_sample_rank_ic) as in_sample_rank_ic,
        avg(measured.out_of_sample_rank_ic) as out_of_sample_rank_ic
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
