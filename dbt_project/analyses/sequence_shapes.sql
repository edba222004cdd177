-- How many samples do recurrent nets read, window by window, and how many rows have no sequence?
-- The shapes of table 7 of the study.
select
    rule_set,
    model,
    window_start,
    part,
    sample_count,
    sequence_weeks,
    feature_count,
    row_count - sample_count as rows_without_sequence
from results.fct_sequence_shape
where run_id = (select run_id from ops.fct_run where is_latest)
order by rule_set, model, window_start, part
