with

claims as (
    select * from {{ ref('paper_claim') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

pairs as (
    select * from {{ ref('int_claim_pair__measured') }}
),

seasonality as (
    select * from {{ ref('mart_rank_ic_seasonality') }}
),

rule_sets as (
    select distinct
        run_id,
        rule_set
    from models
),

compared as (
    select
        rule_sets.run_id,
        rule_sets.rule_set,
        claims.*,
        pairs.first_series,
        pairs.second_series,
        pairs.pair_label,
        coalesce(pairs.effect, seasonality.explained_share) as effect,
        pairs.interval_lower,
        pairs.interval_upper,
        pairs.confidence_level,
        seasonality.p_value,
        coalesce(pairs.observation_count, seasonality.month_count, 0) as observation_count,
        coalesce(pairs.first_observation_date, seasonality.first_month_start)
            as first_observation_date,
        coalesce(pairs.last_observation_date, seasonality.last_month_start)
            as last_observation_date,
        pairs.mean_block_length,
        coalesce(pairs.replication_count, seasonality.permutation_count) as replication_count,
        coalesce(pairs.seed, seasonality.seed) as seed,
        seasonality.missing_reason as season_missing_reason
    from claims
    cross join rule_sets
    left join pairs
        on
            claims.claim = pairs.claim
            and rule_sets.run_id = pairs.run_id
            and rule_sets.rule_set = pairs.rule_set
    left join seasonality
        on
            claims.comparison = 'months'
            and pairs.run_id = seasonality.run_id
            and pairs.rule_set = seasonality.rule_set
            and pairs.first_series = seasonality.model
),

final as (
    select
        run_id,
        rule_set,
        claim,
        section,
        statement,
        metric,
        statistic,
        pair_label,
        first_series,
        second_series,
        effect,
        interval_lower,
        interval_upper,
        confidence_level,
        p_value,
        observation_unit,
        observation_count,
        first_observation_date,
        last_observation_date,
        mean_block_length,
        replication_count,
        seed,
        {{ claim_verdict('compared') }} as verdict,
        {{ claim_reason('compared') }} as reason
    from compared
)

select * from final
