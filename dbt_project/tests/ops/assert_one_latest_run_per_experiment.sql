{{ config(meta={'dagster': {'ref': {'name': 'fct_run'}}}) }}
-- The summaries that show the latest run show one run per experiment.
select
    experiment,
    sum(case when is_latest then 1 else 0 end) as latest_count
from {{ ref('fct_run') }}
group by experiment
having sum(case when is_latest then 1 else 0 end) <> 1
