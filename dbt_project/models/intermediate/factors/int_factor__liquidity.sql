with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 480) }}
),

priced as (
    select
        *,
        {{ safe_divide('abs(return_1d)', 'amount_cny') }} as illiquidity
    from bars
),

windowed as (
    select
        symbol,
        trade_date,
        is_week_end,
        {{ turnover_mean(5) }},
        {{ turnover_mean(20) }},
        {{ turnover_mean(60) }},
        {{ turnover_mean(120) }},
        {{ turnover_mean(240) }},
        {{ turnover_mean(480) }},
        stddev_samp(turnover_rate_pct) over last_20 as turnover_deviation_20,
        stddev_samp(turnover_rate_pct) over last_60 as turnover_deviation_60,
        stddev_samp(turnover_rate_pct) over last_240 as turnover_deviation_240,
        {{ sample_skewness('turnover_rate_pct', 'last_20') }} as turnover_skewness_20,
        avg(illiquidity) over last_20 as mean_illiquidity_20,
        avg(illiquidity) over last_60 as mean_illiquidity_60,
        avg(illiquidity) over last_240 as mean_illiquidity_240,
        avg(amount_cny) over last_20 as mean_amount_20,
        stddev_samp(amount_cny) over last_20 as amount_deviation_20,
        avg(adj_volume) over last_5 as mean_volume_5,
        avg(adj_volume) over last_60 as mean_volume_60
    from priced
    window
        sessions as (partition by symbol order by session_number),
        last_5 as ({{ week_end_sessions(5) }}),
        last_20 as ({{ week_end_sessions(20) }}),
        last_60 as ({{ week_end_sessions(60) }}),
        last_120 as ({{ week_end_sessions(120) }}),
        last_240 as ({{ week_end_sessions(240) }}),
        last_480 as ({{ week_end_sessions(480) }})
),

week_ends as (
    select * from windowed
    where is_week_end
),

enough as (
    select
        symbol,
        trade_date as week_date,
        {{ when_traded(5, 'mean_turnover_5') }} as turnover_1w,
        {{ when_traded(20, 'mean_turnover_20') }} as turnover_1m,
        {{ when_traded(60, 'mean_turnover_60') }} as turnover_3m,
        {{ when_traded(120, 'mean_turnover_120') }} as turnover_6m,
        {{ when_traded(240, 'mean_turnover_240') }} as turnover_12m,
        {{ when_traded(480, 'mean_turnover_480') }} as turnover_24m,
        {{ when_traded(20, 'turnover_deviation_20') }} as turnover_volatility_1m,
        {{ when_traded(60, 'turnover_deviation_60') }} as turnover_volatility_3m,
        {{ when_traded(240, 'turnover_deviation_240') }} as turnover_volatility_12m,
        {{ when_traded(20, 'mean_illiquidity_20') }} as amihud_illiquidity_1m,
        {{ when_traded(60, 'mean_illiquidity_60') }} as amihud_illiquidity_3m,
        {{ when_traded(240, 'mean_illiquidity_240') }} as amihud_illiquidity_12m,
        {{ when_traded(20, positive_log('mean_amount_20')) }} as log_amount_1m,
        {{ when_traded(20, safe_divide('amount_deviation_20', 'mean_amount_20')) }}
            as amount_variation_1m,
        {{ when_traded(5, 'mean_volume_5') }} as volume_1w,
        {{ when_traded(60, 'mean_volume_60') }} as volume_3m,
        {{ when_traded(20, finite('turnover_skewness_20')) }} as turnover_skewness_1m
    from week_ends
),

final as (
    select
        symbol,
        week_date,
        turnover_1w,
        turnover_1m,
        turnover_3m,
        turnover_6m,
        turnover_12m,
        {{ safe_divide('turnover_1m', 'turnover_24m') }} - 1 as turnover_bias_1m_24m,
        {{ safe_divide('turnover_3m', 'turnover_24m') }} - 1 as turnover_bias_3m_24m,
        turnover_volatility_1m,
        turnover_volatility_3m,
        turnover_volatility_12m,
        amihud_illiquidity_1m,
        amihud_illiquidity_3m,
        amihud_illiquidity_12m,
        log_amount_1m,
        amount_variation_1m,
        {{ safe_divide('volume_1w', 'volume_3m') }} - 1 as volume_change_1w_3m,
        turnover_skewness_1m
    from enough
)

select * from final
