with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 120) }}
),

closes as (
    select
        symbol,
        trade_date,
        session_number,
        is_week_end,
        adj_close,
        traded_adj_close,
        traded_session_count
    from bars
),

averaged as (
    select
        *,
        {{ traded_count(60) }},
        {{ traded_count(119) }},
        {{ exponential_average('traded_adj_close', 12, 'last_60') }} as average_12,
        {{ exponential_average('traded_adj_close', 26, 'last_60') }} as average_26
    from closes
    window
        sessions as (partition by symbol order by session_number),
        last_60 as ({{ last_sessions(60) }})
),

differenced as (
    select
        *,
        {{ when_traded(60, 'average_12 - average_26') }} as dif
    from averaged
),

-- The signal line is a mean over traded sessions like any other.
observed as (
    select
        *,
        case when traded_adj_close is not null then dif end as traded_dif
    from differenced
),

signalled as (
    select
        *,
        {{ exponential_average('traded_dif', 9, 'last_60') }} as signal_line
    from observed
    window last_60 as ({{ week_end_sessions(60) }})
),

final as (
    select
        symbol,
        trade_date as week_date,
        {{ safe_divide('dif', 'adj_close') }} as macd_dif,
        {{ when_traded(119, safe_divide('2 * (dif - signal_line)', 'adj_close')) }}
            as macd_histogram
    from signalled
    where is_week_end
)

select * from final
