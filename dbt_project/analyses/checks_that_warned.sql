-- Which checks warned in the last run, on which table, and what is to be done about it?
select
    results.tested_model,
    split_part(results.node, '.', 3) as check_name,
    results.failures,
    results.description,
    results.completed_at
from ops.fct_dbt_result as results
inner join ops.fct_run as runs on results.run_id = runs.run_id
where
    runs.is_latest
    and results.resource_type = 'test'
    and results.status = 'warn'
order by results.failures desc, check_name asc
