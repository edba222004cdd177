{{ config(meta={'dagster': {'ref': {'name': 'mart_bias_waterfall'}}}) }}
-- The effects of the corrections of execution sum to the difference between making none and all.
with

averaged as (
    select * from {{ ref('int_waterfall__averaged') }}
),

effects as (
    select
        run_id,
        sum(alpha_effect) as total_effect,
        max(corrected_alpha) - max(biased_alpha) as difference
    from averaged
    group by run_id
),

faults as (
    select *
    from effects
    where coalesce(abs(total_effect - difference), 1) > 1e-12
)

select * from faults
