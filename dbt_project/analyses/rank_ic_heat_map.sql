-- When did the forecasts work? Mean weekly Rank IC by year and month, one row per model and year.
select
    rule_set,
    model,
    year(week_date) as year,
    avg(rank_ic) as whole_year,
    avg(rank_ic) filter (where half_year_window like '%H1') as first_half,
    avg(rank_ic) filter (where half_year_window like '%H2') as second_half,
    avg(rank_ic) filter (where month(week_date) = 1) as jan,
    avg(rank_ic) filter (where month(week_date) = 2) as feb,
    avg(rank_ic) filter (where month(week_date) = 3) as mar,
    avg(rank_ic) filter (where month(week_date) = 4) as apr,
    avg(rank_ic) filter (where month(week_date) = 5) as may,
    avg(rank_ic) filter (where month(week_date) = 6) as jun,
    avg(rank_ic) filter (where month(week_date) = 7) as jul,
    avg(rank_ic) filter (where month(week_date) = 8) as aug,
    avg(rank_ic) filter (where month(week_date) = 9) as sep,
    avg(rank_ic) filter (where month(week_date) = 10) as oct,
    avg(rank_ic) filter (where month(week_date) = 11) as nov,
    avg(rank_ic) filter (where month(week_date) = 12) as dec
from results.fct_rank_ic_week
where
    run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
    and horizon_weeks = 1
    and label_kind = 'cumulative'
group by rule_set, model, year(week_date)
order by rule_set, model, year
