{{ config(meta={'dagster': {'ref': {'name': 'mart_rank_ic_decomposition'}}}) }}
-- Trend, season and remainder make the month again, and each season sums to zero over a year.
with

parts as (
    select * from {{ ref('mart_rank_ic_decomposition') }}
),

months as (
    select distinct
        run_id,
        rule_set,
        model,
        calendar_month,
        seasonal
    from parts
),

faults as (
    select
        run_id,
        rule_set,
        model,
        'parts' as fault
    from parts
    where abs(trend + seasonal + remainder - mean_rank_ic) > 1e-12
    union all
    select
        run_id,
        rule_set,
        model,
        'season' as fault
    from months
    group by run_id, rule_set, model
    having abs(sum(seasonal)) > 1e-12 or count(*) <> 12
)

select * from faults
