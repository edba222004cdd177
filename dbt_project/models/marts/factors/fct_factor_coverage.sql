with

weeks as (
    select * from {{ ref('int_factor_week__fingerprinted') }}
),

universe as (
    select * from {{ ref('int_factor__selected') }}
),

dates as (
    select
        rule_set,
        week_date,
        max(known_at) as known_at
    from universe
    group by rule_set, week_date
),

factors as (
    select * from {{ ref('dim_factor') }}
),

long_weeks as (
    {{ for_each(
        panel_factors(),
        "select rule_set, '{}' as factor, week_date, stock_count, {}_present as present_count,"
        ~ " {}_clipped as clipped_count, {}_median as median_value, {}_mad as mad,"
        ~ " {}_mean_distance as mean_value, {}_product_sum as product_sum,"
        ~ " {}_filled_deviation as filled_deviation,"
        ~ " {}_deviation as residual_deviation from weeks",
        '\n    union all\n    ') }}
),

-- Two factors that agree to the last bit in count, median, median deviation, mean, deviation and
-- product with ln(cap) hold the same values; the first of the catalogue stands for them.
numbered as (
    select
        long_weeks.*,
        factors.factor_number,
        dates.known_at,
        min(factors.factor_number) over (
            partition by
                long_weeks.rule_set, long_weeks.week_date, long_weeks.present_count,
                long_weeks.median_value, long_weeks.mad, long_weeks.mean_value,
                long_weeks.product_sum, long_weeks.filled_deviation
        ) as first_number
    from long_weeks
    inner join factors on long_weeks.factor = factors.factor
    inner join dates
        on
            long_weeks.rule_set = dates.rule_set
            and long_weeks.week_date = dates.week_date
),

final as (
    select
        numbered.rule_set,
        numbered.factor,
        numbered.week_date,
        numbered.stock_count,
        {{ safe_divide('numbered.present_count', 'numbered.stock_count') }} as share_present,
        {{ safe_divide('numbered.clipped_count', 'numbered.stock_count') }} as share_clipped,
        {{ safe_divide('numbered.stock_count - numbered.present_count', 'numbered.stock_count') }}
            as share_filled,
        coalesce(numbered.mad = 0, false) as is_mad_zero,
        numbered.residual_deviation is null as is_constant,
        case when numbered.present_count > 0 then firsts.factor end as is_duplicate_of,
        numbered.known_at
    from numbered
    left join factors as firsts
        on
            numbered.first_number = firsts.factor_number
            and numbered.first_number < numbered.factor_number
)

select * from final
