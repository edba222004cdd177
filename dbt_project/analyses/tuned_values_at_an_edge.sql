-- Which tuned values sit on an end of their range, so that the space may be too narrow?
select
    rule_set,
    model,
    window_start,
    stage,
    edge_parameters,
    parameters,
    search_range,
    score
from results.fct_tuning_trial
where
    is_at_edge
    and run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
order by rule_set, model, window_start, stage desc, trial
