with

pairs as (
    select * from {{ ref('int_claim_pair__listed') }}
),

observed as (
    select * from {{ ref('int_claim__observed') }}
),

intervals as (
    select * from {{ ref('stg_model_output__claim_interval') }}
),

counted as (
    select
        run_id,
        rule_set,
        claim,
        first_series,
        second_series,
        count(*) as observation_count,
        min(observation_date) as first_observation_date,
        max(observation_date) as last_observation_date
    from observed
    group by run_id, rule_set, claim, first_series, second_series
),

final as (
    select
        pairs.*,
        counted.observation_count,
        counted.first_observation_date,
        counted.last_observation_date,
        intervals.effect,
        intervals.interval_lower,
        intervals.interval_upper,
        intervals.confidence_level,
        intervals.mean_block_length,
        intervals.replication_count,
        intervals.seed
    from pairs
    left join counted
        on
            pairs.run_id = counted.run_id
            and pairs.rule_set = counted.rule_set
            and pairs.claim = counted.claim
            and pairs.first_series = counted.first_series
            and pairs.second_series = counted.second_series
    left join intervals
        on
            pairs.run_id = intervals.run_id
            and pairs.rule_set = intervals.rule_set
            and pairs.claim = intervals.claim
            and pairs.first_series = intervals.first_series
            and pairs.second_series = intervals.second_series
)

select * from final
