with

industries as (
    select * from {{ ref('int_factor_industry_week__summed') }}
),

weeks as (
    select * from {{ ref('int_factor_week__counted') }}
),

bounded as (
    select * from {{ ref('int_factor_week__bounded') }}
),

-- Mean of the industry; of the universe where the whole industry is missing; 0 where all are.
final as (
    select
        industries.rule_set,
        industries.week_date,
        industries.industry_code,
        {{ for_each(
            panel_factors(),
            'bounded.{}_centre + coalesce('
            ~ safe_divide('industries.{}_sum', 'industries.{}_present')
            ~ ', weeks.{}_mean_distance, 0) as {}_fill') }}
    from industries
    inner join weeks
        on
            industries.rule_set = weeks.rule_set
            and industries.week_date = weeks.week_date
    inner join bounded
        on
            industries.rule_set = bounded.rule_set
            and industries.week_date = bounded.week_date
)

select * from final
