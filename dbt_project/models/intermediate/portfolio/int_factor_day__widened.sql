with

factor_returns as (
    select * from {{ ref('fct_factor_return') }}
),

final as (
    select
        trade_date,
        max(exposure_week_date) as exposure_week_date,
        {{ widened_factor_returns() }}
    from factor_returns
    where factor_kind in ('market', 'style')
    group by trade_date
)

select * from final
