with

source_rows as (
    select * from {{ ref('stg_risk_output__factor_covariance') }}
),

final as (
    select
        week_date,
        factor_1,
        factor_2,
        covariance,
        week_date as known_at
    from source_rows
)

select * from final
