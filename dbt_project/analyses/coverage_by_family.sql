-- How much of each family of factors is there before missing values are filled, year by year?
with

by_factor as (
    select
        coverage.rule_set,
        factors.family,
        coverage.factor,
        year(coverage.week_date) as year,
        sum(coverage.share_present * coverage.stock_count) / sum(coverage.stock_count)
            as share_present
    from factors.fct_factor_coverage as coverage
    inner join factors.dim_factor as factors on coverage.factor = factors.factor
    group by coverage.rule_set, factors.family, coverage.factor, year(coverage.week_date)
)

select
    rule_set,
    family,
    year,
    count(*) as factor_count,
    count(*) filter (where share_present = 0) as factors_never_present,
    avg(share_present) as mean_share_present,
    min(share_present) as lowest_share_present,
    arg_min(factor, share_present) as factor_with_the_lowest
from by_factor
group by rule_set, family, year
order by rule_set, family, year
