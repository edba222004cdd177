with

covariances as (
    select * from {{ ref('fct_factor_covariance') }}
),

specific_risks as (
    select * from {{ ref('fct_specific_risk') }}
),

index_exposures as (
    select * from {{ ref('mart_index_exposure_week') }}
),

index_weights as (
    select * from {{ ref('fct_index_weight_week') }}
),

exposures as (
    select
        index_symbol,
        week_date,
        exposure_name as factor,
        exposure
    from index_exposures
    union all
    select
        index_symbol,
        week_date,
        'market' as factor,
        sum(weight) as exposure
    from index_weights
    group by index_symbol, week_date
),

factor_risk as (
    select
        first_exposures.index_symbol,
        covariances.week_date,
        sum(
            first_exposures.exposure * covariances.covariance * second_exposures.exposure
        ) as factor_variance
    from covariances
    inner join exposures as first_exposures
        on
            covariances.week_date = first_exposures.week_date
            and covariances.factor_1 = first_exposures.factor
    inner join exposures as second_exposures
        on
            covariances.week_date = second_exposures.week_date
            and covariances.factor_2 = second_exposures.factor
            and first_exposures.index_symbol = second_exposures.index_symbol
    group by first_exposures.index_symbol, covariances.week_date
),

specific_risk as (
    select
        index_weights.index_symbol,
        index_weights.week_date,
        sum(
            index_weights.weight * index_weights.weight
            * specific_risks.specific_volatility * specific_risks.specific_volatility
        ) as specific_variance
    from index_weights
    inner join specific_risks
        on
            index_weights.symbol = specific_risks.symbol
            and index_weights.week_date = specific_risks.week_date
    group by index_weights.index_symbol, index_weights.week_date
),

final as (
    select
        factor_risk.index_symbol,
        factor_risk.week_date,
        factor_risk.factor_variance,
        specific_risk.specific_variance
    from factor_risk
    inner join specific_risk
        on
            factor_risk.index_symbol = specific_risk.index_symbol
            and factor_risk.week_date = specific_risk.week_date
)

select * from final
