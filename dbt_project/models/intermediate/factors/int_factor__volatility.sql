with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 240) }}
),

market_models as (
    select * from {{ ref('int_market_model__fitted') }}
),

windowed as (
    select
        symbol,
        trade_date,
        is_week_end,
        {{ traded_count(20) }},
        {{ traded_count(60) }},
        {{ traded_count(120) }},
        {{ traded_count(240) }},
        stddev_samp(return_1d) over last_20 as deviation_20,
        stddev_samp(return_1d) over last_60 as deviation_60,
        stddev_samp(return_1d) over last_120 as deviation_120,
        stddev_samp(return_1d) over last_240 as deviation_240,
        sum(power(least(return_1d, 0), 2)) over last_60 as negative_square_sum_60,
        avg(log_high_low) over last_20 as mean_range_20,
        avg(log_high_low) over last_60 as mean_range_60,
        max(return_1d) over last_20 as largest_return_20,
        min(return_1d) over last_20 as smallest_return_20,
        {{ sample_skewness('return_1d', 'last_60') }} as skewness_60,
        {{ sample_kurtosis('return_1d', 'last_60') }} as kurtosis_60
    from bars
    window
        sessions as (partition by symbol order by session_number),
        last_20 as ({{ week_end_sessions(20) }}),
        last_60 as ({{ week_end_sessions(60) }}),
        last_120 as ({{ week_end_sessions(120) }}),
        last_240 as ({{ week_end_sessions(240) }})
),

week_ends as (
    select * from windowed
    where is_week_end
),

enough as (
    select
        symbol,
        trade_date as week_date,
        {{ when_traded(20, 'deviation_20') }} as volatility_1m,
        {{ when_traded(60, 'deviation_60') }} as volatility_3m,
        {{ when_traded(120, 'deviation_120') }} as volatility_6m,
        {{ when_traded(240, 'deviation_240') }} as volatility_12m,
        {{ when_traded(60, 'sqrt(' ~ safe_divide('negative_square_sum_60', 'traded_60') ~ ')') }}
            as downside_volatility_3m,
        {{ when_traded(20, 'mean_range_20') }} as high_low_range_1m,
        {{ when_traded(60, 'mean_range_60') }} as high_low_range_3m,
        {{ when_traded(20, 'largest_return_20') }} as max_daily_return_1m,
        {{ when_traded(20, 'smallest_return_20') }} as min_daily_return_1m,
        {{ when_traded(60, finite('skewness_60')) }} as return_skewness_3m,
        {{ when_traded(60, finite('kurtosis_60')) }} as return_kurtosis_3m
    from week_ends
),

final as (
    select
        enough.symbol,
        enough.week_date,
        enough.volatility_1m,
        enough.volatility_3m,
        enough.volatility_6m,
        enough.volatility_12m,
        enough.downside_volatility_3m,
        market_models.residual_deviation_20 as idiosyncratic_volatility_1m,
        market_models.residual_deviation_60 as idiosyncratic_volatility_3m,
        market_models.residual_deviation_240 as idiosyncratic_volatility_12m,
        enough.high_low_range_1m,
        enough.high_low_range_3m,
        enough.max_daily_return_1m,
        enough.min_daily_return_1m,
        enough.return_skewness_3m,
        enough.return_kurtosis_3m,
        {{ safe_divide('enough.volatility_1m', 'enough.volatility_12m') }} - 1
            as volatility_change_1m_12m
    from enough
    left join market_models
        on
            enough.symbol = market_models.symbol
            and enough.week_date = market_models.week_date
)

select * from final
