-- Where does a model overfit? In-sample against out-of-sample Rank IC per window.
select
    rule_set,
    model,
    window_start,
    in_sample_rank_ic,
    out_of_sample_rank_ic,
    in_sample_rank_ic - out_of_sample_rank_ic as shrinkage,
    boosting_rounds,
    train_row_count,
    fit_seconds
from results.fct_training_window
where
    run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
order by rule_set, model, window_start
