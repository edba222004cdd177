with

source as (
    select * from {{ source('model_output', 'rank_ic_p_value') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(horizon_weeks as integer) as horizon_weeks,
        cast(label_kind as varchar) as label_kind,
        cast(week_date as date) as week_date,
        cast(p_value as double) as p_value
    from source
)

select * from renamed
