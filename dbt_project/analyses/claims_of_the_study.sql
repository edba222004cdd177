-- Is a claim of the study true here? Each claim with the pairs of the latest run that test it, and
-- why the others cannot be tested. Each interval is that of its pair alone: of twenty true
-- differences of zero, one shows a verdict by chance.
select
    claims.rule_set,
    claims.claim,
    claims.verdict,
    claims.pair_label,
    claims.effect,
    claims.interval_lower,
    claims.interval_upper,
    claims.p_value,
    claims.observation_count,
    claims.observation_unit,
    claims.metric,
    claims.reason
from results.mart_claim as claims
inner join ops.fct_run as runs on claims.run_id = runs.run_id
where runs.is_latest
order by claims.rule_set, claims.section, claims.claim, claims.pair_label
