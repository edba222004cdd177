-- How fast does a forecast fade? Mean Rank IC against each later week alone, and against the sum.
select
    rule_set,
    model,
    horizon_weeks,
    avg(rank_ic) filter (where label_kind = 'single') as rank_ic_of_that_week,
    avg(rank_ic) filter (where label_kind = 'cumulative') as rank_ic_of_all_weeks,
    count(rank_ic) filter (where label_kind = 'single') as week_count
from results.fct_rank_ic_week
where
    run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
group by rule_set, model, horizon_weeks
order by rule_set, model, horizon_weeks
