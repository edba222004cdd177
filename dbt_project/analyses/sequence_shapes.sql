-- Samples that the recurrent nets of the latest run read, window by window (table 7 of the study).
select
    shapes.rule_set,
    shapes.model,
    shapes.window_start,
    shapes.part,
    shapes.sample_count,
    shapes.sequence_weeks,
    shapes.feature_count,
    shapes.row_count - shapes.sample_count as rows_without_sequence
from {{ ref('fct_sequence_shape') }} as shapes
inner join {{ ref('fct_run') }} as runs
    on shapes.run_id = runs.run_id
where runs.is_latest
order by shapes.rule_set, shapes.model, shapes.window_start, shapes.part
