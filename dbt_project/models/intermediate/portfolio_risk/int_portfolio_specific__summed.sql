with

holdings as (
    select * from {{ ref('int_portfolio_holding__dated') }}
),

index_weights as (
    select * from {{ ref('fct_index_weight_week') }}
),

specific_risks as (
    select * from {{ ref('fct_specific_risk') }}
),

rebalances as (
    select distinct
        scenario_id,
        rebalance_date,
        week_date,
        benchmark
    from holdings
),

positions as (
    select
        scenario_id,
        rebalance_date,
        week_date,
        symbol,
        weight,
        0.0 as benchmark_weight
    from holdings
    union all
    select
        rebalances.scenario_id,
        rebalances.rebalance_date,
        rebalances.week_date,
        index_weights.symbol,
        0.0 as weight,
        index_weights.weight as benchmark_weight
    from rebalances
    inner join index_weights
        on
            rebalances.benchmark = index_weights.index_symbol
            and rebalances.week_date = index_weights.week_date
),

netted as (
    select
        scenario_id,
        rebalance_date,
        week_date,
        symbol,
        sum(weight) as weight,
        sum(weight - benchmark_weight) as active_weight
    from positions
    group by scenario_id, rebalance_date, week_date, symbol
),

final as (
    select
        netted.scenario_id,
        netted.rebalance_date,
        sum(power(netted.weight * specific_risks.specific_volatility, 2)) as variance,
        sum(power(netted.active_weight * specific_risks.specific_volatility, 2))
            as active_variance
    from netted
    inner join specific_risks
        on
            netted.symbol = specific_risks.symbol
            and netted.week_date = specific_risks.week_date
    group by netted.scenario_id, netted.rebalance_date
)

select * from final
