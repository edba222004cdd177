with

combined as (
    select * from {{ ref('int_style__combined') }}
),

fitted as (
    select
        week_date,
        {{ orthogonal_fits() }}
    from combined
    where in_universe
    group by week_date
),

residuals as (
    select
        combined.symbol,
        combined.week_date,
        combined.in_universe,
        {{ for_each(computed_styles(), 'combined.{}_base') }},
        {{ orthogonal_residuals('combined', 'fitted') }}
    from combined
    left join fitted on combined.week_date = fitted.week_date
),

located as (
    select
        week_date,
        {{ for_each(orthogonal_styles(), median_value('{}') ~ ' as {}_median') }}
    from residuals
    where in_universe
    group by week_date
),

spread as (
    select
        residuals.week_date,
        {{ for_each(
            orthogonal_styles(),
            median_value('abs(residuals.{} - located.{}_median)') ~ ' as {}_spread') }}
    from residuals
    inner join located on residuals.week_date = located.week_date
    where residuals.in_universe
    group by residuals.week_date
),

clipped as (
    select
        residuals.symbol,
        residuals.week_date,
        residuals.in_universe,
        {{ for_each(computed_styles(), 'residuals.{}_base') }},
        {{ for_each(
            orthogonal_styles(), winsorised('residuals', 'located', 'spread') ~ ' as {}') }}
    from residuals
    left join located on residuals.week_date = located.week_date
    left join spread on residuals.week_date = spread.week_date
),

-- Clipping tilts the residuals a little: what it brought back is taken out again.
refitted as (
    select
        week_date,
        {{ orthogonal_fits() }}
    from clipped
    where in_universe
    group by week_date
),

final as (
    select
        clipped.symbol,
        clipped.week_date,
        {{ orthogonal_residuals('clipped', 'refitted') }}
    from clipped
    left join refitted on clipped.week_date = refitted.week_date
)

select * from final
