-- Is one model better than another, week by week? Paired differences of Rank IC on common weeks.
-- t takes the weeks as independent; below about 2 in size the difference is noise.
with

weeks as (
    select
        rule_set,
        model,
        week_date,
        rank_ic
    from results.fct_rank_ic_week
    where
        run_id in (
            select runs.run_id
            from ops.fct_run as runs
            where runs.is_latest
        )
        and horizon_weeks = 1
        and label_kind = 'cumulative'
        and rank_ic is not null
)

select
    first_model.rule_set,
    first_model.model,
    second_model.model as compared_with,
    count(*) as common_week_count,
    avg(first_model.rank_ic) as mean_rank_ic,
    avg(second_model.rank_ic) as mean_rank_ic_compared,
    avg(first_model.rank_ic - second_model.rank_ic) as mean_difference,
    avg(first_model.rank_ic - second_model.rank_ic)
    / nullif(stddev_samp(first_model.rank_ic - second_model.rank_ic), 0)
    * sqrt(count(*)) as t_of_difference
from weeks as first_model
inner join weeks as second_model
    on
        first_model.rule_set = second_model.rule_set
        and first_model.week_date = second_model.week_date
        and first_model.model < second_model.model
group by first_model.rule_set, first_model.model, second_model.model
order by first_model.rule_set asc, mean_difference desc
