-- Do higher predictions earn more, every year? Mean weekly returns of the highest and the lowest
-- group and their spread, in percent.
with

groups as (
    select *
    from results.mart_group_return_week
    where
        run_id in (
            select runs.run_id
            from ops.fct_run as runs
            where runs.is_latest
        )
),

spreads as (
    select
        rule_set,
        model,
        year(week_date) as year,
        100 * avg(long_short_return) as mean_weekly_spread_pct,
        100 * avg(top_return) as mean_weekly_top_pct,
        100 * avg(bottom_return) as mean_weekly_bottom_pct,
        avg(case when long_short_return > 0 then 1 else 0 end) as share_of_weeks_positive
    from results.mart_long_short_return_week
    where
        run_id in (
            select runs.run_id
            from ops.fct_run as runs
            where runs.is_latest
        )
    group by rule_set, model, year(week_date)
),

-- 1 means that the mean returns of the year rise from group to group without exception.
monotone as (
    select
        rule_set,
        model,
        year,
        corr(group_number, mean_return) as correlation_with_group_number
    from (
        select
            rule_set,
            model,
            year(week_date) as year,
            group_number,
            avg(group_return) as mean_return
        from groups
        group by rule_set, model, year(week_date), group_number
    ) as yearly
    group by rule_set, model, year
)

select
    spreads.*,
    monotone.correlation_with_group_number
from spreads
inner join monotone
    on
        spreads.rule_set = monotone.rule_set
        and spreads.model = monotone.model
        and spreads.year = monotone.year
order by spreads.rule_set, spreads.model, spreads.year
