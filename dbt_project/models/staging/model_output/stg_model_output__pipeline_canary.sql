with

source as (
    select * from {{ source('model_output', 'pipeline_canary') }}
),

renamed as (
    select
        cast(rule_set as varchar) as rule_set,
        cast(canary as varchar) as canary,
        cast(expectation as varchar) as expectation,
        cast(observed as double) as observed,
        cast(spread as double) as spread,
        cast(p_value as double) as p_value,
        cast(randomisation_count as bigint) as randomisation_count,
        cast(week_count as bigint) as week_count,
        cast(is_passed as boolean) as is_passed
    from source
)

select * from renamed
