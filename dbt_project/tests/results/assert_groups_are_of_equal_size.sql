{{ config(meta={'dagster': {'ref': {'name': 'int_rank_ic__by_week'}}}) }}
-- The groups of a week are all there, differ by one share at most, and together are the names of
-- the 1-week Rank IC of the week.
with

sizes as (
    select
        run_id,
        rule_set,
        model,
        week_date,
        count(*) as group_count,
        min(stock_count) as smallest,
        max(stock_count) as largest,
        sum(stock_count) as stock_count
    from {{ ref('mart_group_return_week') }}
    group by run_id, rule_set, model, week_date
),

rank_ic_weeks as (
    select * from {{ ref('int_rank_ic__by_week') }}
    where
        horizon_weeks = 1
        and label_kind = 'cumulative'
),

faults as (
    select
        rank_ic_weeks.run_id,
        rank_ic_weeks.rule_set,
        rank_ic_weeks.model,
        rank_ic_weeks.week_date,
        rank_ic_weeks.stock_count,
        sizes.group_count,
        sizes.smallest,
        sizes.largest
    from rank_ic_weeks
    left join sizes
        on
            rank_ic_weeks.run_id = sizes.run_id
            and rank_ic_weeks.rule_set = sizes.rule_set
            and rank_ic_weeks.model = sizes.model
            and rank_ic_weeks.week_date = sizes.week_date
    where
        rank_ic_weeks.stock_count >= {{ var('group_count') }}
        and (
            sizes.week_date is null
            or sizes.group_count <> {{ var('group_count') }}
            or sizes.largest - sizes.smallest > 1
            or sizes.stock_count <> rank_ic_weeks.stock_count
        )
)

select * from faults
