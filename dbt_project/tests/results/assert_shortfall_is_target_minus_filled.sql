{{ config(meta={'dagster': {'ref': {'name': 'fct_fill'}}}) }}
-- Nothing of an order disappears: what was not filled is the shortfall.
select *
from {{ ref('fct_fill') }}
where abs(target_weight - filled_weight - shortfall_weight) > 1e-10
