with

measured as (
    select * from {{ ref('int_style_descriptor__measured') }}
),

located as (
    select
        week_date,
        {{ for_each(measured_descriptors(), median_value('{}') ~ ' as {}_median') }}
    from measured
    where in_universe
    group by week_date
),

spread as (
    select
        measured.week_date,
        {{ for_each(
            measured_descriptors(),
            median_value('abs(measured.{} - located.{}_median)') ~ ' as {}_spread') }}
    from measured
    inner join located on measured.week_date = located.week_date
    where measured.in_universe
    group by measured.week_date
),

clipped as (
    select
        measured.symbol,
        measured.week_date,
        measured.in_universe,
        measured.cap_cny,
        {{ for_each(
            measured_descriptors(), winsorised('measured', 'located', 'spread') ~ ' as {}') }}
    from measured
    left join located on measured.week_date = located.week_date
    left join spread on measured.week_date = spread.week_date
),

scaled as (
    select
        week_date,
        {{ style_scale(measured_descriptors()) }}
    from clipped
    where in_universe
    group by week_date
),

final as (
    select
        clipped.symbol,
        clipped.week_date,
        clipped.in_universe,
        clipped.cap_cny,
        {{ for_each(measured_descriptors(), standardised_style('clipped', 'scaled') ~ ' as {}') }}
    from clipped
    left join scaled on clipped.week_date = scaled.week_date
)

select * from final
