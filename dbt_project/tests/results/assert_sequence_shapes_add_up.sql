{{ config(meta={'dagster': {'ref': {'name': 'fct_sequence_shape'}}}) }}
-- In-sample samples are those of the fit and of the stop, and no part is missing.
with

shapes as (
    select * from {{ ref('fct_sequence_shape') }}
),

totals as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        count(*) as part_count,
        sum(case when part in ('fit', 'stop') then sample_count else 0 end) as parts_total,
        sum(case when part = 'in_sample' then sample_count else 0 end) as in_sample_total
    from shapes
    group by run_id, rule_set, model, window_start
),

unequal as (
    select * from totals
    where part_count <> 4 or parts_total <> in_sample_total
)

select * from unequal
