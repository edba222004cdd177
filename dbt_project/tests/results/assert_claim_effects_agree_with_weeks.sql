{{ config(meta={'dagster': {'ref': {'name': 'mart_claim'}}}) }}
-- The effect of a claim about means is the mean paired difference of its observations, and every
-- pair that was listed and observed stands in the mart.
with

observed as (
    select
        run_id,
        rule_set,
        claim,
        first_series,
        second_series,
        count(*) as observation_count,
        avg(first_value - second_value) as mean_difference
    from {{ ref('int_claim__observed') }}
    where statistic = 'mean'
    group by run_id, rule_set, claim, first_series, second_series
),

faults as (
    select
        observed.*,
        claims.effect
    from observed
    left join {{ ref('mart_claim') }} as claims
        on
            observed.run_id = claims.run_id
            and observed.rule_set = claims.rule_set
            and observed.claim = claims.claim
            and observed.first_series = claims.first_series
            and observed.second_series = claims.second_series
    where
        claims.effect is null
        or abs(claims.effect - observed.mean_difference) > 1e-9
        or claims.observation_count <> observed.observation_count
)

select * from faults
