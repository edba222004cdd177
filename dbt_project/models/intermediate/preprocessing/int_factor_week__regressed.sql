with

industries as (
    select * from {{ ref('int_factor_industry_week__summed') }}
),

weeks as (
    select * from {{ ref('int_factor_week__counted') }}
),

-- Distance of the fill from the median: the mean of the filled industry. ln(cap) sums to zero
-- within an industry, so that of the stocks with a value is the negative of that of the others.
averaged as (
    select
        industries.rule_set,
        industries.week_date,
        industries.stock_count,
        {{ for_each(
            panel_factors(),
            'coalesce(' ~ safe_divide('industries.{}_sum', 'industries.{}_present')
            ~ ', weeks.{}_mean_distance, 0) as {}_fill,\n        '
            ~ 'industries.{}_sum,\n        industries.{}_square_sum,\n        '
            ~ 'industries.{}_product_sum,\n        industries.{}_missing_cap_sum') }}
    from industries
    inner join weeks
        on
            industries.rule_set = weeks.rule_set
            and industries.week_date = weeks.week_date
),

-- Squares within industries, products with ln(cap), and squares of the fills.
within_industries as (
    select
        rule_set,
        week_date,
        {{ for_each(
            panel_factors(),
            'coalesce(sum({}_square_sum - {}_sum * {}_fill), 0) as {}_within_square_sum,\n        '
            ~ 'coalesce(sum({}_product_sum + {}_fill * coalesce({}_missing_cap_sum, 0)), 0) '
            ~ 'as {}_product_sum,\n        '
            ~ 'sum(stock_count * {}_fill) as {}_fill_sum,\n        '
            ~ 'sum(stock_count * {}_fill * {}_fill) as {}_fill_square_sum') }}
    from averaged
    group by rule_set, week_date
),

summed as (
    select
        weeks.rule_set,
        weeks.week_date,
        weeks.stock_count,
        weeks.log_cap_square_sum,
        {{ for_each(
            panel_factors(),
            'weeks.{}_distance_square_sum,\n        '
            ~ 'within_industries.{}_within_square_sum,\n        '
            ~ 'within_industries.{}_product_sum,\n        '
            ~ 'sqrt(greatest(within_industries.{}_within_square_sum '
            ~ '+ within_industries.{}_fill_square_sum '
            ~ '- within_industries.{}_fill_sum * within_industries.{}_fill_sum '
            ~ '/ weeks.stock_count, 0) / nullif(weeks.stock_count - 1, 0)) '
            ~ 'as {}_filled_deviation') }}
    from within_industries
    inner join weeks
        on
            within_industries.rule_set = weeks.rule_set
            and within_industries.week_date = weeks.week_date
),

sloped as (
    select
        *,
        {{ neutral_slopes(panel_factors()) }}
    from summed
),

final as (
    select
        rule_set,
        week_date,
        stock_count,
        log_cap_square_sum,
        {{ for_each(
            panel_factors(),
            '{}_slope,\n        {}_product_sum,\n        {}_filled_deviation,\n        '
            ~ '{}_distance_square_sum,\n        '
            ~ '{}_within_square_sum - {}_slope * (2 * {}_product_sum '
            ~ '- {}_slope * log_cap_square_sum) as {}_residual_square_sum') }}
    from sloped
)

select * from final
