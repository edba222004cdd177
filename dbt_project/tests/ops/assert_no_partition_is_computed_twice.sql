{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_partition'}}}) }}
-- Equal keys mean equal inputs: whatever was completed once is reused, by any run and attempt.
-- Only a warning: results that were swept away to save space are rightly computed again.
select
    kind,
    partition_key,
    sum(case when state = 'computed' then 1 else 0 end) as computed_count
from {{ ref('fct_partition') }}
group by kind, partition_key
having sum(case when state = 'computed' then 1 else 0 end) > 1
