with

source as (
    select * from {{ source('model_output', 'prediction') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(window_start as date) as window_start,
        cast(symbol as varchar) as symbol,
        cast(week_date as date) as week_date,
        cast(prediction as double) as prediction
    from source
)

select * from renamed
