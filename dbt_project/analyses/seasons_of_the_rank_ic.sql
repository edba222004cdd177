-- Do calendar months differ in their Rank IC? Each month's mean over the years beside the test of
-- all twelve; below .05 the season is more than chance.
select
    months.rule_set,
    months.model,
    months.calendar_month,
    count(months.mean_rank_ic) as year_count,
    avg(months.mean_rank_ic) as mean_rank_ic,
    any_value(parts.seasonal) as seasonal,
    any_value(seasonality.explained_share) as explained_share,
    any_value(seasonality.p_value) as p_value,
    any_value(seasonality.missing_reason) as missing_reason
from results.mart_rank_ic_month as months
inner join ops.fct_run as runs on months.run_id = runs.run_id
left join results.mart_rank_ic_decomposition as parts
    on
        months.run_id = parts.run_id
        and months.rule_set = parts.rule_set
        and months.model = parts.model
        and months.month_start = parts.month_start
left join results.mart_rank_ic_seasonality as seasonality
    on
        months.run_id = seasonality.run_id
        and months.rule_set = seasonality.rule_set
        and months.model = seasonality.model
where runs.is_latest
group by months.rule_set, months.model, months.calendar_month
order by months.rule_set, months.model, months.calendar_month
