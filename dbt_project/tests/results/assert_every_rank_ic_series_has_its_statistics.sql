{{ config(meta={'dagster': {'ref': {'name': 'mart_rank_ic_statistics'}}}) }}
-- Each series of weekly Rank ICs has every statistic exactly once, and no statistic lacks a series.
with

series as (
    select distinct
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind
    from {{ ref('fct_rank_ic_week') }}
),

counted as (
    select
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind,
        count(distinct statistic) as statistic_count
    from {{ ref('mart_rank_ic_statistics') }}
    group by run_id, rule_set, model, horizon_weeks, label_kind
),

expected as (
    select count(distinct statistic) as statistic_count
    from {{ ref('mart_rank_ic_statistics') }}
),

faults as (
    select
        series.run_id,
        series.rule_set,
        series.model,
        series.horizon_weeks,
        series.label_kind,
        counted.run_id as counted_run_id,
        counted.statistic_count
    from series
    full join counted
        on
            series.run_id = counted.run_id
            and series.rule_set = counted.rule_set
            and series.model = counted.model
            and series.horizon_weeks = counted.horizon_weeks
            and series.label_kind = counted.label_kind
    cross join expected
    where
        series.run_id is null
        or counted.run_id is null
        or counted.statistic_count <> expected.statistic_count
)

select * from faults
