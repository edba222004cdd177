{{ config(enabled=var('factor_set') != 'supplied') }}
-- Shares, correlations and oscillators keep to their range by construction.
with

factors as (
    select * from {{ ref('fct_factor_raw') }}
),

outside as (
    select
        symbol,
        week_date
    from factors
    where
        rsi_14 not between 0 and 1
        or psy_12 not between 0 and 1
        or stochastic_k_9 not between 0 and 1
        or up_volume_share_1m not between 0 and 1
        or signed_volume_imbalance_1w not between -1 and 1
        or money_flow_1m not between -1 and 1
        or aroon_25 not between -1 and 1
        or limit_up_count_1m not between 0 and 20
        or return_volume_correlation_1m not between -1.000001 and 1.000001
        or price_volume_correlation_1m not between -1.000001 and 1.000001
        or market_r_squared_12m not between -0.000001 and 1.000001
        or distance_to_high_12m > 0.000001
        or distance_to_low_12m < -0.000001
        or volatility_1m < 0
        or turnover_1m < 0
        or amihud_illiquidity_1m < 0
)

select * from outside
