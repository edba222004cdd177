-- Which factors survive multiple testing? What was known at each year end, all factors tried at once:
-- one week ahead, after preprocessing.
select
    judged.rule_set,
    judged.as_of_year,
    judged.factor,
    factors.family,
    judged.week_count,
    judged.mean_rank_ic,
    judged.t_stat_newey_west,
    judged.p_value_benjamini_hochberg,
    judged.p_value_holm,
    judged.survives_holm
from results.mart_factor_rank_ic as judged
inner join factors.dim_factor as factors on judged.factor = factors.factor
where
    judged.stage = 'processed'
    and judged.horizon_weeks = 1
    and judged.survives_benjamini_hochberg
order by judged.rule_set, judged.as_of_year, abs(judged.t_stat_newey_west) desc
