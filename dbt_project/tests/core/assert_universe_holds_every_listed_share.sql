-- A share that is left out keeps its row and its reason; only unlisted and delisted ones have none.
with

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
),

listed_counts as (
    select
        weeks.week_date,
        count(*) as listed_count
    from bars
    inner join weeks on bars.trade_date = weeks.week_date
    group by weeks.week_date
),

universe_counts as (
    select
        rule_set,
        week_date,
        count(*) as row_count
    from universe
    group by rule_set, week_date
)

select
    listed_counts.*,
    universe_counts.rule_set,
    universe_counts.row_count
from listed_counts
left join universe_counts on listed_counts.week_date = universe_counts.week_date
where listed_counts.listed_count <> coalesce(universe_counts.row_count, 0)
