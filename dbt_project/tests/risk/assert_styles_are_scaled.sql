-- Over the practitioner universe every style has cap-weighted mean 0, and deviation 1 over the
-- shares that have it, unless it does not vary or nobody has it.
with

styles as (
    select * from {{ ref('int_style__completed') }}
    where in_universe
),

moments as (
    {{ for_each(
        computed_styles(),
        "select week_date, '{}' as style, sum(cap_cny * {}) / sum(cap_cny) as weighted_mean,"
        ~ " stddev_samp({}) as deviation, count({}) as present_count"
        ~ " from styles group by week_date",
        '\n    union all\n    ') }}
)

select * from moments
where
    abs(weighted_mean) > 1e-9
    or (present_count > 1 and abs(deviation - 1) > 1e-9)
