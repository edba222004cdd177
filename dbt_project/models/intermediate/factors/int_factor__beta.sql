with

market_models as (
    select * from {{ ref('int_market_model__fitted') }}
),

downside_models as (
    select * from {{ ref('int_downside_beta__fitted') }}
),

final as (
    select
        market_models.symbol,
        market_models.week_date,
        market_models.slope_60 as beta_3m,
        market_models.slope_240 as beta_12m,
        case
            when market_models.slope_240 is not null
                then {{ safe_divide('downside_models.sxy', 'downside_models.sxx') }}
        end as downside_beta_12m,
        market_models.r_squared_240 as market_r_squared_12m
    from market_models
    left join downside_models
        on
            market_models.symbol = downside_models.symbol
            and market_models.week_date = downside_models.week_date
)

select * from final
