with

training_windows as (
    select * from {{ ref('stg_model_output__training_window') }}
),

final as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        window_end,
        train_first_week,
        train_last_week,
        partition_key,
        parameters,
        seed,
        boosting_rounds,
        train_row_count,
        fit_row_count,
        stop_row_count,
        test_row_count,
        in_sample_rank_ic,
        fit_rank_ic,
        stop_rank_ic,
        out_of_sample_rank_ic,
        in_sample_mse,
        fit_mse,
        stop_mse,
        out_of_sample_mse,
        degenerate_week_count,
        fit_seconds,
        uses_future,
        window_end as known_at,
        completed_at
    from training_windows
)

select * from final
