-- Which factors are near duplicates? Pairs whose processed exposures correlate by 0.9 or more over all
-- weeks, and which of the two has the larger Rank IC.
with

pairs as (
    select
        rule_set,
        factor,
        other_factor,
        sum(mean_correlation * week_count) / sum(week_count) as mean_correlation,
        sum(week_count) as week_count
    from results.mart_factor_correlation
    where factor < other_factor
    group by rule_set, factor, other_factor
),

judged as (
    select
        rule_set,
        factor,
        mean_rank_ic
    from results.mart_factor_rank_ic
    where stage = 'processed' and horizon_weeks = 1 and is_latest
)

select
    pairs.rule_set,
    pairs.factor,
    pairs.other_factor,
    pairs.mean_correlation,
    pairs.week_count,
    first_judged.mean_rank_ic as mean_rank_ic,
    other_judged.mean_rank_ic as other_mean_rank_ic
from pairs
left join judged as first_judged
    on pairs.rule_set = first_judged.rule_set and pairs.factor = first_judged.factor
left join judged as other_judged
    on pairs.rule_set = other_judged.rule_set and pairs.other_factor = other_judged.factor
where abs(pairs.mean_correlation) >= 0.9
order by pairs.rule_set, abs(pairs.mean_correlation) desc
