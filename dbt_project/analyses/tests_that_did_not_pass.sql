-- Which data tests failed or warned in the last run, and how many rows did they find?
select
    results.tested_model,
    results.node,
    results.severity,
    results.status,
    results.failures,
    results.description,
    results.message,
    results.completed_at
from ops.fct_dbt_result as results
inner join ops.fct_run as runs on results.run_id = runs.run_id
where
    runs.is_latest
    and results.status not in ('success', 'pass')
order by results.failures desc nulls last, results.node asc
