{{ config(meta={'dagster': {'ref': {'name': 'fct_canary'}}}) }}
-- A pipeline that hears what it must not know, or is deaf to what it must hear, publishes nothing.
select
    rule_set,
    canary,
    subject,
    expectation,
    observed,
    reference,
    p_value
from {{ ref('fct_canary') }}
where not is_passed
