with

located as (
    select * from {{ ref('int_factor_week__located') }}
),

spread as (
    select * from {{ ref('int_factor_week__spread') }}
),

counted as (
    select * from {{ ref('int_factor_week__counted') }}
),

regressed as (
    select * from {{ ref('int_factor_week__regressed') }}
),

scaled as (
    select * from {{ ref('int_factor_week__scaled') }}
),

final as (
    select
        located.rule_set,
        located.week_date,
        counted.stock_count,
        {{ for_each(
            panel_factors(),
            'located.{}_median,\n        spread.{}_mad,\n        counted.{}_present,\n        '
            ~ 'counted.{}_clipped,\n        counted.{}_mean_distance,\n        '
            ~ 'regressed.{}_product_sum,\n        regressed.{}_filled_deviation,\n        '
            ~ 'scaled.{}_deviation') }}
    from located
    inner join spread
        on
            located.rule_set = spread.rule_set
            and located.week_date = spread.week_date
    inner join counted
        on
            located.rule_set = counted.rule_set
            and located.week_date = counted.week_date
    inner join regressed
        on
            located.rule_set = regressed.rule_set
            and located.week_date = regressed.week_date
    inner join scaled
        on
            located.rule_set = scaled.rule_set
            and located.week_date = scaled.week_date
)

select * from final
