with

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

averaged as (
    select
        run_id,
        rule_set,
        model,
        avg(in_sample_rank_ic) as in_sample_rank_ic,
        avg(out_of_sample_rank_ic) as out_of_sample_rank_ic,
        avg(out_of_sample_rank_ic - in_sample_rank_ic) as rank_ic_difference
    from training_windows
    group by run_id, rule_set, model
),

final as (
    select
        run_id,
        rule_set,
        model,
        'in_sample_rank_ic' as statistic,
        in_sample_rank_ic as value
    from averaged
    union all
    select
        run_id,
        rule_set,
        model,
        'out_of_sample_rank_ic' as statistic,
        out_of_sample_rank_ic as value
    from averaged
    union all
    select
        run_id,
        rule_set,
        model,
        'rank_ic_difference' as statistic,
        rank_ic_difference as value
    from averaged
)

select * from final
