with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 240) }}
),

macds as (
    select * from {{ ref('int_macd__averaged') }}
),

extremes as (
    select * from {{ ref('int_extreme__dated') }}
),

windowed as (
    select
        symbol,
        trade_date,
        is_week_end,
        adj_close,
        {{ traded_count(9) }},
        {{ traded_count(12) }},
        {{ traded_count(14) }},
        {{ traded_count(20) }},
        {{ traded_count(25) }},
        {{ traded_count(60) }},
        {{ traded_count(240) }},
        max(adj_high) over last_9 as highest_9,
        min(adj_low) over last_9 as lowest_9,
        count(return_1d) over last_12 as return_count_12,
        sum(case when return_1d > 0 then 1 else 0 end) over last_12 as rise_count_12,
        sum(greatest(adj_close_change, 0)) over last_14 as rise_sum_14,
        sum(abs(adj_close_change)) over last_14 as change_sum_14,
        avg(traded_adj_close) over last_20 as mean_close_20,
        avg(traded_adj_close) over last_60 as mean_close_60,
        max(adj_high) over last_240 as highest_240,
        min(adj_low) over last_240 as lowest_240,
        sum(limit_up_count) over last_20 as limit_up_sum_20
    from bars
    window
        sessions as (partition by symbol order by session_number),
        last_9 as ({{ week_end_sessions(9) }}),
        last_12 as ({{ week_end_sessions(12) }}),
        last_14 as ({{ week_end_sessions(14) }}),
        last_20 as ({{ week_end_sessions(20) }}),
        last_25 as ({{ week_end_sessions(25) }}),
        last_60 as ({{ week_end_sessions(60) }}),
        last_240 as ({{ week_end_sessions(240) }})
),

week_ends as (
    select * from windowed
    where is_week_end
),

final as (
    select
        week_ends.symbol,
        week_ends.trade_date as week_date,
        {{ when_traded(
            20, safe_divide('week_ends.adj_close', 'week_ends.mean_close_20') ~ ' - 1') }} as bias_1m,
        {{ when_traded(
            60, safe_divide('week_ends.adj_close', 'week_ends.mean_close_60') ~ ' - 1') }} as bias_3m,
        macds.macd_dif,
        macds.macd_histogram,
        {{ when_traded(14, safe_divide('week_ends.rise_sum_14', 'week_ends.change_sum_14')) }}
            as rsi_14,
        {{ when_traded(12, safe_divide('week_ends.rise_count_12', 'week_ends.return_count_12')) }}
            as psy_12,
        {{ when_traded(9, safe_divide(
            'week_ends.adj_close - week_ends.lowest_9',
            'week_ends.highest_9 - week_ends.lowest_9')) }} as stochastic_k_9,
        {{ when_traded(25, safe_divide(
            'extremes.sessions_since_low - extremes.sessions_since_high', '25')) }} as aroon_25,
        {{ when_traded(
            240, safe_divide('week_ends.adj_close', 'week_ends.highest_240') ~ ' - 1') }}
            as distance_to_high_12m,
        {{ when_traded(
            240, safe_divide('week_ends.adj_close', 'week_ends.lowest_240') ~ ' - 1') }}
            as distance_to_low_12m,
        {{ when_traded(20, 'week_ends.limit_up_sum_20') }} as limit_up_count_1m
    from week_ends
    left join macds
        on
            week_ends.symbol = macds.symbol
            and week_ends.trade_date = macds.week_date
    left join extremes
        on
            week_ends.symbol = extremes.symbol
            and week_ends.trade_date = extremes.week_date
)

select * from final
