-- How were the parameters of a window found? Every point and trial of the latest tuned window.
with

latest as (
    select max(trials.window_start) as window_start
    from results.fct_tuning_trial as trials
)

select
    trials.rule_set,
    trials.model,
    trials.window_start,
    trials.stage,
    trials.trial,
    trials.scanned_parameter,
    trials.scan_pass,
    trials.parameters,
    trials.score,
    trials.state,
    trials.is_best,
    trials.seconds
from results.fct_tuning_trial as trials
inner join latest on trials.window_start = latest.window_start
where
    trials.run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
order by trials.rule_set, trials.model, trials.stage desc, trials.trial
