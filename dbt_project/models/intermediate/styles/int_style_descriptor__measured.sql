with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 525) }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner'
),

fundamentals as (
    select * from {{ ref('int_style_descriptor__fundamental') }}
),

logged as (
    select
        *,
        {{ positive_log('1 + return_1d') }} as log_return
    from bars
),

windowed as (
    select
        symbol,
        trade_date,
        is_week_end,
        adj_close,
        {{ traded_count(21) }},
        {{ traded_count(63) }},
        {{ traded_count(252) }},
        {{ traded_count(504, lag=21) }},
        {{ decayed_regression_sums('return_1d', 'market_return', 252, 63, 'last_252') }},
        {{ decayed_moment_sums('return_1d', 252, 42, 'last_252') }},
        {{ decayed_sum('log_return', 504, 'ln(2) / 126', 'last_504', lag=21) }} as momentum_504,
        {{ monthly_closes() }},
        {{ monthly_turnover(21) }} as monthly_turnover_21,
        {{ monthly_turnover(63) }} as monthly_turnover_63,
        {{ monthly_turnover(252) }} as monthly_turnover_252
    from logged
    window
        sessions as (partition by symbol order by session_number),
        last_21 as ({{ week_end_sessions(21) }}),
        last_63 as ({{ week_end_sessions(63) }}),
        last_252 as ({{ week_end_sessions(252) }}),
        last_504 as ({{ week_end_sessions(504, lag=21) }})
),

week_ends as (
    select * from windowed
    where is_week_end
),

final as (
    select
        week_ends.symbol,
        week_ends.trade_date as week_date,
        universe.in_universe,
        universe.neutralisation_cap_cny as cap_cny,
        {{ positive_log('universe.neutralisation_cap_cny') }} as log_cap,
        {{ when_traded(252, decayed_slope()) }} as market_slope,
        {{ when_traded(504, 'momentum_504') }} as lagged_return,
        {{ when_traded(252, decayed_deviation()) }} as daily_deviation,
        {{ when_traded(252, monthly_range()) }} as monthly_range,
        {{ when_traded(252, decayed_residual_deviation()) }} as residual_deviation,
        {{ when_traded(21, positive_log('monthly_turnover_21')) }} as log_turnover_1m,
        {{ when_traded(63, positive_log('monthly_turnover_63')) }} as log_turnover_3m,
        {{ when_traded(252, positive_log('monthly_turnover_252')) }} as log_turnover_12m,
        {{ for_each(fundamental_descriptors(), 'fundamentals.{}') }}
    from week_ends
    inner join universe
        on
            week_ends.symbol = universe.symbol
            and week_ends.trade_date = universe.week_date
    inner join fundamentals
        on
            universe.symbol = fundamentals.symbol
            and universe.week_date = fundamentals.week_date
)

select * from final
