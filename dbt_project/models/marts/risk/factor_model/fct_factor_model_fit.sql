with

source_rows as (
    select * from {{ ref('stg_risk_output__factor_model_fit') }}
),

final as (
    select
        trade_date,
        exposure_week_date,
        stock_count,
        factor_count,
        r_squared,
        specific_mean_square,
        identity_error,
        trade_date as known_at
    from source_rows
)

select * from final
