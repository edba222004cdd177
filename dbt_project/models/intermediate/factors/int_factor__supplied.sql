with

exposures as (
    select * from {{ ref('stg_landing__factor_exposures') }}
    where {{ in_stale_weeks('week_date') }}
),

final as (
    select
        symbol,
        week_date{{ supplied_columns() }}
    from exposures
)

select * from final
