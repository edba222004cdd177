with

summarised as (
    select * from {{ ref('int_scenario_return__summarised') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

trials as (
    select * from {{ ref('fct_trial_ledger') }}
),

counted_trials as (
    select cast(coalesce(sum(trial_count), 0) as bigint) as trial_count from trials
),

-- How much Sharpe ratios of trials differ; at least what chance alone makes them differ.
compared as (
    select
        scenarios.scenario_id,
        scenarios.run_id,
        scenarios.rule_set,
        scenarios.model,
        scenarios.benchmark,
        summarised.session_count,
        summarised.last_session,
        summarised.sharpe_1d,
        summarised.skewness,
        summarised.kurtosis,
        counted_trials.trial_count,
        greatest(
            coalesce(
                var_samp(summarised.sharpe_1d) over (
                    partition by
                        scenarios.run_id, scenarios.rule_set, scenarios.benchmark,
                        scenarios.is_variant
                ),
                0.0
            ),
            {{ safe_divide('1.0', 'summarised.session_count - 1') }}
        ) as sharpe_variance
    from summarised
    inner join scenarios on summarised.scenario_id = scenarios.scenario_id
    cross join counted_trials
    where scenarios.model not like 'baseline-%'
),

final as (
    select
        compared.*,
        case
            when trial_count <= 1 then 0.0
            else
                sqrt(sharpe_variance) * (
                    (1 - 0.5772156649015329)
                    * ({{ normal_quantile('1 - 1.0 / trial_count') }})
                    + 0.5772156649015329
                    * ({{ normal_quantile('1 - 1.0 / (trial_count * 2.718281828459045)') }})
                )
        end as expected_maximum_sharpe_1d,
        sqrt(greatest(
            1 - skewness * sharpe_1d + (kurtosis - 1) / 4 * sharpe_1d * sharpe_1d, 1e-12
        )) as sharpe_scale
    from compared
)

select * from final
