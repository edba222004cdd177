with

weeks as (
    select * from {{ ref('dim_week') }}
),

factor_returns as (
    select * from {{ ref('fct_factor_return') }}
),

covariances as (
    select * from {{ ref('fct_factor_covariance') }}
),

index_bars as (
    select * from {{ ref('fct_index_daily') }}
),

index_risk as (
    select * from {{ ref('int_index_risk__forecast') }}
),

-- A week is held against the forecast made at the end of the week before.
spans as (
    select
        current_weeks.week_date,
        previous_weeks.week_date as forecast_week_date,
        current_weeks.session_number - previous_weeks.session_number as session_count
    from weeks as current_weeks
    inner join weeks as previous_weeks
        on current_weeks.week_number = previous_weeks.week_number + 1
    where current_weeks.is_in_data
),

factor_weeks as (
    select
        'factor' as portfolio_kind,
        factor_returns.factor as portfolio,
        spans.week_date,
        sum(factor_returns.factor_return) as realised_return,
        count(*) as return_count
    from factor_returns
    inner join spans
        on
            factor_returns.trade_date > spans.forecast_week_date
            and factor_returns.trade_date <= spans.week_date
    group by factor_returns.factor, spans.week_date
),

index_weeks as (
    select
        'index' as portfolio_kind,
        index_bars.index_symbol as portfolio,
        spans.week_date,
        sum(index_bars.return_1d) as realised_return,
        count(index_bars.return_1d) as return_count
    from index_bars
    inner join spans
        on
            index_bars.trade_date > spans.forecast_week_date
            and index_bars.trade_date <= spans.week_date
    group by index_bars.index_symbol, spans.week_date
),

realised as (
    select * from factor_weeks
    union all
    select * from index_weeks
),

forecasts as (
    select
        'factor' as portfolio_kind,
        factor_1 as portfolio,
        week_date,
        covariance as variance
    from covariances
    where factor_1 = factor_2
    union all
    select
        'index' as portfolio_kind,
        index_symbol as portfolio,
        week_date,
        factor_variance + specific_variance as variance
    from index_risk
),

final as (
    select
        realised.portfolio_kind,
        realised.portfolio,
        realised.week_date,
        spans.forecast_week_date,
        cast(spans.session_count as bigint) as session_count,
        sqrt(forecasts.variance * spans.session_count) as forecast_volatility,
        realised.realised_return,
        {{ safe_divide(
            'realised.realised_return', 'sqrt(forecasts.variance * spans.session_count)'
        ) }} as standardised_return,
        realised.week_date as known_at
    from realised
    inner join spans on realised.week_date = spans.week_date
    inner join forecasts
        on
            realised.portfolio_kind = forecasts.portfolio_kind
            and realised.portfolio = forecasts.portfolio
            and spans.forecast_week_date = forecasts.week_date
    where realised.return_count = spans.session_count and forecasts.variance > 0
)

select * from final
