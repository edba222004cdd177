with

source as (
    select * from {{ source('model_output', 'attainable_canary') }}
),

renamed as (
    select
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(observed as double) as observed,
        cast(attainable as double) as attainable,
        cast(t_stat as double) as t_stat,
        cast(p_value as double) as p_value,
        cast(week_count as bigint) as week_count,
        cast(is_passed as boolean) as is_passed
    from source
)

select * from renamed
