with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 240) }}
),

-- Centred sums of squares and products of daily returns (y) and market returns (x).
summed as (
    select
        symbol,
        trade_date,
        is_week_end,
        {{ traded_count(20) }},
        {{ traded_count(60) }},
        {{ traded_count(240) }},
        {{ traded_count(220, lag=20) }},
        {{ market_model_sums(20, 'last_20') }},
        {{ market_model_sums(60, 'last_60') }},
        {{ market_model_sums(240, 'last_240') }},
        {{ market_model_sums(220, 'last_240_to_20') }},
        avg(return_1d) over last_240_to_20 as mean_return_220,
        avg(market_return) over last_240_to_20 as mean_market_return_220
    from bars
    window
        sessions as (partition by symbol order by session_number),
        last_20 as ({{ week_end_sessions(20) }}),
        last_60 as ({{ week_end_sessions(60) }}),
        last_240 as ({{ week_end_sessions(240) }}),
        last_240_to_20 as ({{ week_end_sessions(220, lag=20) }})
),

week_ends as (
    select * from summed
    where is_week_end
),

final as (
    select
        symbol,
        trade_date as week_date,
        {{ market_model_fit(20) }},
        {{ market_model_fit(60) }},
        {{ market_model_fit(240) }},
        {{ market_model_fit(220) }},
        mean_return_220
        - {{ market_model_slope(220) }} * mean_market_return_220 as intercept_220
    from week_ends
)

select * from final
