{{ config(meta={'dagster': {'ref': {'name': 'mart_bias_waterfall'}}}) }}
-- The effects of the corrections of execution sum to the difference between making none and all.
with

waterfall as (
    select * from {{ ref('mart_bias_waterfall') }}
),

cells as (
    select * from {{ ref('stg_optimizer_output__waterfall_cell') }}
),

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

corrected as (
    select
        cells.run_id,
        cells.scenario_id,
        min(case when cells.is_corrected then 1 else 0 end) as makes_all,
        max(case when cells.is_corrected then 1 else 0 end) as makes_any,
        max(summaries.annualised_alpha_return) as alpha
    from cells
    inner join summaries on cells.scenario_id = summaries.scenario_id
    where cells.kind = 'execution'
    group by cells.run_id, cells.scenario_id
),

differences as (
    select
        run_id,
        max(case when makes_all = 1 then alpha end)
        - max(case when makes_any = 0 then alpha end) as difference
    from corrected
    group by run_id
),

effects as (
    select
        run_id,
        sum(alpha_effect) as total_effect
    from waterfall
    where kind = 'execution'
    group by run_id
),

faults as (
    select
        effects.run_id,
        effects.total_effect,
        differences.difference
    from effects
    left join differences on effects.run_id = differences.run_id
    where coalesce(abs(effects.total_effect - differences.difference), 1) > 1e-12
)

select * from faults
