with

source as (
    select * from {{ source('research_output', 'factor_p_value') }}
),

renamed as (
    select
        cast(rule_set as varchar) as rule_set,
        cast(factor as varchar) as factor,
        cast(stage as varchar) as stage,
        cast(horizon_weeks as integer) as horizon_weeks,
        cast(as_of_year as integer) as as_of_year,
        cast(p_value as double) as p_value,
        cast(p_value_newey_west as double) as p_value_newey_west
    from source
)

select * from renamed
