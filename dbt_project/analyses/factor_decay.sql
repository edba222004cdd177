-- How fast do factors decay, before and after preprocessing? Mean Rank IC of each later week alone, as
-- a share of the first, for the factors that survive multiple testing; and how little their ranks
-- move from week to week.
select
    judged.rule_set,
    judged.factor,
    judged.stage,
    max(judged.rank_autocorrelation) as rank_autocorrelation,
    max(case when judged.horizon_weeks = 1 then judged.mean_rank_ic end) as first_week,
    max(case when judged.horizon_weeks = 2 then judged.share_of_first_week end) as share_in_week_2,
    max(case when judged.horizon_weeks = 4 then judged.share_of_first_week end) as share_in_week_4,
    max(case when judged.horizon_weeks = 8 then judged.share_of_first_week end) as share_in_week_8
from results.mart_factor_rank_ic as judged
where judged.is_latest
group by judged.rule_set, judged.factor, judged.stage
having bool_or(judged.horizon_weeks = 1 and judged.survives_benjamini_hochberg)
order by judged.rule_set, judged.stage, abs(first_week) desc
