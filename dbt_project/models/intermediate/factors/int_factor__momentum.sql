with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 260) }}
),

market_models as (
    select * from {{ ref('int_market_model__fitted') }}
),

-- Weights of a return: the turnover of its session.
weighted as (
    select
        *,
        case when return_1d is not null then turnover_rate_pct end as return_weight
    from bars
),

windowed as (
    select
        symbol,
        trade_date,
        is_week_end,
        adj_close,
        {{ return_columns(5) }},
        {{ return_columns(20) }},
        {{ return_columns(40) }},
        {{ return_columns(60) }},
        {{ return_columns(120) }},
        {{ return_columns(240) }},
        {{ return_columns(260) }},
        {{ weighted_return_sums(20) }},
        {{ weighted_return_sums(60) }},
        {{ weighted_return_sums(120) }},
        sum(overnight_log_return) over last_20 as overnight_sum_20,
        sum(intraday_log_return) over last_20 as intraday_sum_20
    from weighted
    window
        sessions as (partition by symbol order by session_number),
        last_5 as ({{ week_end_sessions(5) }}),
        last_20 as ({{ week_end_sessions(20) }}),
        last_40 as ({{ week_end_sessions(40) }}),
        last_60 as ({{ week_end_sessions(60) }}),
        last_120 as ({{ week_end_sessions(120) }}),
        last_240 as ({{ week_end_sessions(240) }}),
        last_260 as ({{ week_end_sessions(260) }})
),

week_ends as (
    select * from windowed
    where is_week_end
),

final as (
    select
        week_ends.symbol,
        week_ends.trade_date as week_date,
        {{ return_between(5) }} as return_1w,
        {{ return_between(20) }} as return_1m,
        {{ return_between(40) }} as return_2m,
        {{ return_between(60) }} as return_3m,
        {{ return_between(120) }} as return_6m,
        {{ return_between(240) }} as return_12m,
        {{ return_between(120, 20) }} as momentum_6m_skip_1m,
        {{ return_between(240, 20) }} as momentum_12m_skip_1m,
        {{ weighted_return(20) }} as turnover_weighted_return_1m,
        {{ weighted_return(60) }} as turnover_weighted_return_3m,
        {{ weighted_return(120) }} as turnover_weighted_return_6m,
        {{ decayed_weighted_return(20) }} as exp_weighted_return_1m,
        {{ decayed_weighted_return(60) }} as exp_weighted_return_3m,
        {{ decayed_weighted_return(120) }} as exp_weighted_return_6m,
        {{ when_traded(20, 'overnight_sum_20') }} as overnight_return_1m,
        {{ when_traded(20, 'intraday_sum_20') }} as intraday_return_1m,
        {{ return_between(260, 240) }} as same_month_return_last_year,
        {{ safe_divide('market_models.intercept_220', 'market_models.residual_deviation_220') }}
            as residual_momentum_12m
    from week_ends
    left join market_models
        on
            week_ends.symbol = market_models.symbol
            and week_ends.trade_date = market_models.week_date
)

select * from final
