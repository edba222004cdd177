with

catalogue as (
    select * from {{ ref('factor_catalogue') }}
),

final as (
    select
        factor,
        cast(factor_number as integer) as factor_number,
        family,
        inputs,
        look_back,
        formula,
        reference
    from catalogue
)

select * from final
