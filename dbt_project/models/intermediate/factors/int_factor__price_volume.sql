with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 60) }}
),

scaled as (
    select
        *,
        {{ positive_log('adj_volume') }} as log_volume
    from bars
),

windowed as (
    select
        symbol,
        trade_date,
        is_week_end,
        adj_close,
        {{ traded_count(5) }},
        {{ traded_count(20) }},
        {{ traded_count(60) }},
        {{ correlation_sums('return_1d', 'log_volume', 'last_20', 'return_volume_20') }},
        {{ correlation_sums('return_1d', 'log_volume', 'last_60', 'return_volume_60') }},
        {{ correlation_sums('traded_adj_close', 'adj_volume', 'last_20', 'price_volume_20') }},
        {{ correlation_sums(
            'return_1d', 'turnover_change_pct', 'last_20', 'return_turnover_20') }},
        avg(vwap_to_close) over last_5 as mean_vwap_to_close_5,
        sum(amount_cny) over last_20 as amount_sum_20,
        sum(adj_volume) over last_20 as volume_sum_20,
        sum(money_flow_cny) over last_20 as money_flow_sum_20,
        sum(case when return_1d > 0 then adj_volume else 0 end) over last_20 as up_volume_sum_20,
        sum(sign(return_1d) * adj_volume) over last_5 as signed_volume_sum_5,
        sum(adj_volume) over last_5 as volume_sum_5,
        stddev_samp(overnight_log_return) over last_20 as gap_deviation_20
    from scaled
    window
        sessions as (partition by symbol order by session_number),
        last_5 as ({{ week_end_sessions(5) }}),
        last_20 as ({{ week_end_sessions(20) }}),
        last_60 as ({{ week_end_sessions(60) }})
),

week_ends as (
    select * from windowed
    where is_week_end
),

final as (
    select
        symbol,
        trade_date as week_date,
        {{ when_traded(20, correlation_from('return_volume_20')) }} as return_volume_correlation_1m,
        {{ when_traded(60, correlation_from('return_volume_60')) }} as return_volume_correlation_3m,
        {{ when_traded(20, correlation_from(
            'price_volume_20', 'adj_close', 'volume_sum_20 / traded_20')) }}
            as price_volume_correlation_1m,
        {{ when_traded(20, correlation_from('return_turnover_20')) }}
            as return_turnover_change_correlation_1m,
        {{ when_traded(5, 'mean_vwap_to_close_5') }} as vwap_to_close_1w,
        {{ when_traded(
            20, safe_divide('adj_close', safe_divide('amount_sum_20', 'volume_sum_20')) ~ ' - 1'
        ) }} as vwap_deviation_1m,
        {{ when_traded(20, safe_divide('money_flow_sum_20', 'amount_sum_20')) }} as money_flow_1m,
        {{ when_traded(20, safe_divide('up_volume_sum_20', 'volume_sum_20')) }}
            as up_volume_share_1m,
        {{ when_traded(5, safe_divide('signed_volume_sum_5', 'volume_sum_5')) }}
            as signed_volume_imbalance_1w,
        {{ when_traded(20, 'gap_deviation_20') }} as open_gap_volatility_1m
    from week_ends
)

select * from final
