with

source_rows as (
    select * from {{ ref('stg_risk_output__factor_covariance_fit') }}
),

final as (
    select
        week_date,
        factor_count,
        session_count,
        smallest_eigenvalue,
        largest_eigenvalue,
        factor_multiplier,
        specific_multiplier,
        week_date as known_at
    from source_rows
)

select * from final
