-- What did the last run do, with which data and code, and where did its time go?
with

partition_counts as (
    select
        run_id,
        attempt,
        count(*) filter (where state = 'computed') as computed_count,
        count(*) filter (where state = 'reused') as reused_count
    from ops.fct_partition
    group by run_id, attempt
)

select
    runs.experiment,
    runs.run_id,
    runs.attempt_count,
    runs.started_at,
    runs.completed_at,
    runs.data_hash,
    runs.code_hash,
    steps.attempt,
    steps.step_number,
    steps.step,
    steps.seconds,
    steps.peak_memory_mb,
    partition_counts.computed_count as partitions_computed,
    partition_counts.reused_count as partitions_reused
from ops.fct_run as runs
left join ops.fct_step as steps on runs.run_id = steps.run_id
left join partition_counts
    on
        steps.run_id = partition_counts.run_id
        and steps.attempt = partition_counts.attempt
where runs.is_latest
order by runs.experiment, steps.attempt, steps.step_number
