{{ config(meta={'dagster': {'ref': {'name': 'mart_claim'}}}) }}
-- Every claim stands in the mart for every run and rule set with models, and says why it is not
-- testable exactly where it is not.
with

expected as (
    select distinct
        models.run_id,
        models.rule_set,
        claims.claim
    from {{ ref('stg_model_output__model') }} as models
    cross join {{ ref('paper_claim') }} as claims
),

faults as (
    select
        expected.*,
        judged.verdict,
        judged.reason
    from expected
    left join {{ ref('mart_claim') }} as judged
        on
            expected.run_id = judged.run_id
            and expected.rule_set = judged.rule_set
            and expected.claim = judged.claim
    where
        judged.verdict is null
        or (judged.verdict = 'not_testable') <> (judged.reason is not null)
)

select * from faults
