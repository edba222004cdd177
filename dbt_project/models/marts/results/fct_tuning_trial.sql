with

tuning_trials as (
    select * from {{ ref('stg_model_output__tuning_trial') }}
),

final as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        stage,
        trial,
        tuned_on_window_start,
        scanned_parameter,
        scan_pass,
        parameters,
        search_range,
        state,
        fold_scores,
        fold_count,
        score,
        is_best,
        is_at_edge,
        edge_parameters,
        seconds,
        known_at,
        completed_at
    from tuning_trials
)

select * from final
