with

models as (
    select * from {{ ref('int_model__grouped') }}
    where seed is not null and not is_crossed
),

observed as (
    select * from {{ ref('int_claim__observed') }}
    where statistic = 'mean'
),

-- The keys of a pair differ in the token of the claim alone, so that both have the same seed. Means
-- over seeds and back-tests are no models and drop out.
by_seed as (
    select
        observed.run_id,
        observed.rule_set,
        observed.claim,
        first_models.model_family as first_family,
        second_models.model_family as second_family,
        first_models.seed,
        avg(observed.first_value - observed.second_value) as difference,
        count(*) as observation_count
    from observed
    inner join models as first_models
        on
            observed.run_id = first_models.run_id
            and observed.rule_set = first_models.rule_set
            and observed.first_series = first_models.model
    inner join models as second_models
        on
            observed.run_id = second_models.run_id
            and observed.rule_set = second_models.rule_set
            and observed.second_series = second_models.model
            and first_models.seed = second_models.seed
    group by
        observed.run_id, observed.rule_set, observed.claim, first_models.model_family,
        second_models.model_family, first_models.seed
),

over_seeds as (
    select
        run_id,
        rule_set,
        claim,
        first_family,
        second_family,
        count(*) as seed_count,
        min(observation_count) as least_observation_count,
        avg(difference) as mean_difference,
        stddev_samp(difference) as std_difference,
        min(difference) as min_difference,
        max(difference) as max_difference,
        avg(case when difference > 0 then 1.0 else 0.0 end) as positive_share,
        avg(case when difference < 0 then 1.0 else 0.0 end) as negative_share
    from by_seed
    group by run_id, rule_set, claim, first_family, second_family
),

tested as (
    select
        *,
        mean_difference / nullif(std_difference / sqrt(seed_count), 0) as t_statistic,
        {{ student_t_975('(seed_count - 1)') }} as critical_t
    from over_seeds
),

final as (
    select
        run_id,
        rule_set,
        claim,
        first_family,
        second_family,
        seed_count,
        least_observation_count,
        mean_difference,
        std_difference,
        min_difference,
        max_difference,
        case
            when mean_difference > 0 then positive_share
            when mean_difference < 0 then negative_share
        end as same_sign_share,
        t_statistic,
        critical_t,
        abs(t_statistic) > critical_t as exceeds_seeds
    from tested
)

select * from final
