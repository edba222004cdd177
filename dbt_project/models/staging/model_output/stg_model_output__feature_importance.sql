with

source as (
    select * from {{ source('model_output', 'feature_importance') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(window_start as date) as window_start,
        cast(feature as varchar) as feature,
        cast(importance_kind as varchar) as importance_kind,
        cast(importance as double) as importance
    from source
)

select * from renamed
