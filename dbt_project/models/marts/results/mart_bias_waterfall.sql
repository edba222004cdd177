with

cells as (
    select * from {{ ref('stg_optimizer_output__waterfall_cell') }}
    where kind in ('retraining', 'remainder')
),

averaged as (
    select * from {{ ref('int_waterfall__averaged') }}
),

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

ends as (
    select
        run_id,
        max(corrected_alpha) as corrected_alpha,
        max(step_count) as step_count
    from averaged
    group by run_id
),

retrained as (
    select
        cells.run_id,
        cells.kind,
        cells.step,
        cells.step_order,
        cells.reason,
        summaries.annualised_alpha_return as alpha,
        ends.corrected_alpha,
        row_number() over (
            partition by cells.run_id, summaries.scenario_id is null
            order by cells.step_order asc nulls last
        ) as place
    from cells
    inner join ends on cells.run_id = ends.run_id
    left join summaries on cells.scenario_id = summaries.scenario_id
),

-- Each against the one before it that was run; the first against all corrections of execution.
sequential as (
    select
        retrained.*,
        coalesce(earlier.alpha, retrained.corrected_alpha) as alpha_before
    from retrained
    left join retrained as earlier
        on
            retrained.run_id = earlier.run_id
            and retrained.place = earlier.place + 1
            and earlier.alpha is not null
),

final as (
    select
        run_id,
        'execution' as kind,
        step,
        step_order,
        alpha_effect,
        biased_alpha + sum(alpha_effect) over (
            partition by run_id
            order by step_order asc nulls last
            rows between unbounded preceding and current row
        ) as alpha_after,
        effect_alone,
        effect_last,
        backtest_count,
        cast(null as {{ dbt.type_string() }}) as reason
    from averaged
    union all
    select
        run_id,
        kind,
        step,
        step_order,
        alpha - alpha_before as alpha_effect,
        alpha as alpha_after,
        cast(null as double) as effect_alone,
        cast(null as double) as effect_last,
        cast(case when alpha is null then 0 else 2 end as bigint) as backtest_count,
        reason
    from sequential
)

select * from final
