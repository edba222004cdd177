with

cells as (
    select * from {{ ref('stg_optimizer_output__waterfall_cell') }}
    where kind = 'execution'
),

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

-- Of every back-test: how many corrections there are and how many it makes.
counted as (
    select
        run_id,
        scenario_id,
        cast(count(*) as bigint) as step_count,
        cast(sum(case when is_corrected then 1 else 0 end) as bigint) as made_count
    from cells
    group by run_id, scenario_id
),

-- A back-test that makes m of k corrections comes right after one of them in (m - 1)! (k - m)! of
-- the k! orders, and right before another in m! (k - m - 1)!.
weighted as (
    select
        cells.run_id,
        cells.step,
        cells.step_order,
        cells.is_corrected,
        counted.step_count,
        counted.made_count,
        summaries.annualised_alpha_return as alpha,
        case
            when cells.is_corrected
                then
                    {{ factorial('counted.made_count - 1') }}
                    * {{ factorial('counted.step_count - counted.made_count') }}
                    / {{ factorial('counted.step_count') }}
            else
                -{{ factorial('counted.made_count') }}
                * {{ factorial('counted.step_count - counted.made_count - 1') }}
                / {{ factorial('counted.step_count') }}
        end as shapley_weight
    from cells
    inner join counted
        on cells.run_id = counted.run_id and cells.scenario_id = counted.scenario_id
    inner join summaries on cells.scenario_id = summaries.scenario_id
),

final as (
    select
        run_id,
        step,
        step_order,
        max(step_count) as step_count,
        cast(count(*) as bigint) as backtest_count,
        sum(shapley_weight * alpha) as alpha_effect,
        max(case when is_corrected and made_count = 1 then alpha end)
        - max(case when made_count = 0 then alpha end) as effect_alone,
        max(case when made_count = step_count then alpha end)
        - max(case when not is_corrected and made_count = step_count - 1 then alpha end)
            as effect_last,
        max(case when made_count = 0 then alpha end) as biased_alpha,
        max(case when made_count = step_count then alpha end) as corrected_alpha
    from weighted
    group by run_id, step, step_order
)

select * from final
