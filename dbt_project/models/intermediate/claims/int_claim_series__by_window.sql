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

final as (
    {{ with_seed_means(['in_sample_rank_ic', 'out_of_sample_rank_ic']) }}
)

select * from final
