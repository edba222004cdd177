with

forecasts as (
    select * from {{ ref('mart_risk_forecast') }}
),

measured as (
    select
        portfolio_kind,
        portfolio,
        count(*) as week_count,
        stddev_samp(standardised_return) as bias_statistic,
        avg(
            2 * ln(forecast_volatility) + standardised_return * standardised_return
        ) as qlike,
        avg(realised_return * realised_return) as mean_square
    from forecasts
    group by portfolio_kind, portfolio
),

final as (
    select
        portfolio_kind,
        portfolio,
        week_count,
        bias_statistic,
        qlike,
        case when mean_square > 0 then qlike - ln(mean_square) - 1 end as excess_qlike
    from measured
)

select * from final
