with

source as (
    select * from {{ source('model_output', 'training_epoch') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(window_start as date) as window_start,
        cast(epoch as bigint) as epoch,
        cast(train_loss as double) as train_loss,
        cast(validation_score as double) as validation_score
    from source
)

select * from renamed
