-- Which model had the best out-of-sample Rank IC in each half-year, and how far ahead was it?
-- The winner of a window is known only after it: a description, not a way to choose.
with

ranked as (
    select
        rule_set,
        window_start,
        model,
        out_of_sample_rank_ic,
        row_number() over (
            partition by rule_set, window_start
            order by out_of_sample_rank_ic desc nulls last, model asc
        ) as place
    from results.fct_training_window
    where
        run_id in (
            select runs.run_id
            from ops.fct_run as runs
            where runs.is_latest
        )
)

select
    winner.rule_set,
    winner.window_start,
    winner.model as best_model,
    winner.out_of_sample_rank_ic as best_rank_ic,
    runner_up.model as second_model,
    winner.out_of_sample_rank_ic - runner_up.out_of_sample_rank_ic as lead
from ranked as winner
left join ranked as runner_up
    on
        winner.rule_set = runner_up.rule_set
        and winner.window_start = runner_up.window_start
        and runner_up.place = 2
where winner.place = 1
order by winner.rule_set, winner.window_start
