with

descriptors as (
    select * from {{ ref('int_style_descriptor__standardised') }}
),

cubed as (
    select
        *,
        power(log_cap, 3) as size_cube
    from descriptors
),

combined as (
    select
        symbol,
        week_date,
        in_universe,
        cap_cny,
        {{ combined_styles() }}
    from cubed
),

-- Regressors of the orthogonal styles: a missing style stands at its mean.
final as (
    select
        *,
        {{ for_each(computed_styles(), 'coalesce({}, 0) as {}_base') }}
    from combined
)

select * from final
