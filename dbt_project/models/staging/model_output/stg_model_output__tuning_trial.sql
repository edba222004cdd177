with

source as (
    select * from {{ source('model_output', 'tuning_trial') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(window_start as date) as window_start,
        cast(stage as varchar) as stage,
        cast(trial as bigint) as trial,
        cast(scanned_parameter as varchar) as scanned_parameter,
        cast(scan_pass as bigint) as scan_pass,
        cast(parameters as varchar) as parameters,
        cast(search_range as varchar) as search_range,
        cast(fold_scores as varchar) as fold_scores,
        cast(fold_count as bigint) as fold_count,
        cast(score as double) as score,
        cast(state as varchar) as state,
        cast(is_best as boolean) as is_best,
        cast(is_at_edge as boolean) as is_at_edge,
        cast(edge_parameters as varchar) as edge_parameters,
        cast(seconds as double) as seconds,
        cast(tuned_on_window_start as date) as tuned_on_window_start,
        cast(known_at as date) as known_at,
        cast(completed_at as timestamp) as completed_at
    from source
)

select * from renamed
