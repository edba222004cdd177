with

source as (
    select * from {{ source('model_output', 'training_window') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(window_start as date) as window_start,
        cast(window_end as date) as window_end,
        cast(partition_key as varchar) as partition_key,
        cast(train_first_week as date) as train_first_week,
        cast(train_last_week as date) as train_last_week,
        cast(train_row_count as bigint) as train_row_count,
        cast(fit_row_count as bigint) as fit_row_count,
        cast(stop_row_count as bigint) as stop_row_count,
        cast(test_row_count as bigint) as test_row_count,
        cast(parameters as varchar) as parameters,
        cast(seed as bigint) as seed,
        cast(boosting_rounds as bigint) as boosting_rounds,
        cast(epochs as bigint) as epochs,
        cast(in_sample_rank_ic as double) as in_sample_rank_ic,
        cast(fit_rank_ic as double) as fit_rank_ic,
        cast(stop_rank_ic as double) as stop_rank_ic,
        cast(out_of_sample_rank_ic as double) as out_of_sample_rank_ic,
        cast(in_sample_mse as double) as in_sample_mse,
        cast(fit_mse as double) as fit_mse,
        cast(stop_mse as double) as stop_mse,
        cast(out_of_sample_mse as double) as out_of_sample_mse,
        cast(degenerate_week_count as bigint) as degenerate_week_count,
        cast(chosen_member as varchar) as chosen_member,
        cast(uses_future as boolean) as uses_future,
        cast(fit_seconds as double) as fit_seconds,
        cast(completed_at as timestamp) as completed_at
    from source
)

select * from renamed
