-- Which factors are missing most, and what did preprocessing do to them?
select
    coverage.rule_set,
    factors.family,
    coverage.factor,
    avg(coverage.share_present) as mean_share_present,
    min(coverage.share_present) as lowest_share_present,
    avg(coverage.share_clipped) as mean_share_clipped,
    avg(coverage.share_filled) as mean_share_filled,
    count(*) filter (where coverage.is_mad_zero) as weeks_without_spread,
    max(coverage.is_duplicate_of) as duplicate_of
from factors.fct_factor_coverage as coverage
inner join factors.dim_factor as factors on coverage.factor = factors.factor
group by coverage.rule_set, factors.family, coverage.factor
order by mean_share_present asc, coverage.factor asc
limit 40
