with

index_weights as (
    select * from {{ ref('fct_index_weight_week') }}
),

factors as (
    select * from {{ ref('int_factor_day__widened') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

final as (
    select
        index_weights.index_symbol,
        factors.trade_date,
        index_weights.symbol,
        index_weights.weight,
        coalesce(bars.return_1d, 0.0) as return_1d
    from factors
    inner join index_weights on factors.exposure_week_date = index_weights.week_date
    left join bars
        on index_weights.symbol = bars.symbol and factors.trade_date = bars.trade_date
)

select * from final
