with

with_hurdle as (
    select * from {{ ref('int_scenario_hurdle__expected') }}
),

scored as (
    select
        with_hurdle.*,
        sharpe_1d * sqrt(session_count - 1) / sharpe_scale as probabilistic_score,
        (sharpe_1d - expected_maximum_sharpe_1d) * sqrt(session_count - 1) / sharpe_scale
            as deflated_score
    from with_hurdle
),

judged as (
    select
        scored.*,
        {{ normal_cdf('probabilistic_score') }} as probabilistic_sharpe_ratio,
        {{ normal_cdf('deflated_score') }} as deflated_sharpe_ratio
    from scored
),

final as (
    select
        scenario_id,
        run_id,
        rule_set,
        model,
        benchmark,
        session_count,
        sharpe_1d * sqrt(244) as information_ratio,
        skewness,
        kurtosis,
        trial_count,
        expected_maximum_sharpe_1d * sqrt(244) as expected_maximum_information_ratio,
        probabilistic_sharpe_ratio,
        deflated_sharpe_ratio,
        coalesce(deflated_sharpe_ratio >= 0.95, false) as survives_deflation,
        last_session as known_at
    from judged
)

select * from final
