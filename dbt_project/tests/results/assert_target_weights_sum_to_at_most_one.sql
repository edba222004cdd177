{{ config(meta={'dagster': {'ref': {'name': 'fct_target_weight'}}}) }}
-- No portfolio is bought on credit.
select
    scenario_id,
    rebalance_date,
    sum(target_weight) as total_weight
from {{ ref('fct_target_weight') }}
group by scenario_id, rebalance_date
having sum(target_weight) > 1 + 1e-8
