with

source_rows as (
    select * from {{ ref('stg_risk_output__specific_risk') }}
),

final as (
    select
        symbol,
        week_date,
        specific_volatility,
        own_volatility,
        residual_count,
        week_date as known_at
    from source_rows
)

select * from final
