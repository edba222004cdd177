with

source_rows as (
    select * from {{ ref('stg_risk_output__factor_return') }}
),

final as (
    select
        trade_date,
        factor,
        factor_kind,
        exposure_week_date,
        factor_return,
        t_stat,
        variance_inflation,
        capitalisation_share,
        trade_date as known_at
    from source_rows
)

select * from final
