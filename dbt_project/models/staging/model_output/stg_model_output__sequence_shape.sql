with

source as (
    select * from {{ source('model_output', 'sequence_shape') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(window_start as date) as window_start,
        cast(part as varchar) as part,
        cast(row_count as bigint) as row_count,
        cast(sample_count as bigint) as sample_count,
        cast(sequence_weeks as bigint) as sequence_weeks,
        cast(feature_count as bigint) as feature_count
    from source
)

select * from renamed
