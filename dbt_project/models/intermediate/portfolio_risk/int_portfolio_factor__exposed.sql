with

holdings as (
    select * from {{ ref('int_portfolio_holding__dated') }}
),

styles as (
    select * from {{ ref('fct_style_exposure') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner'
),

index_exposures as (
    select * from {{ ref('mart_index_exposure_week') }}
),

held_styles as (
    {{ for_each(
        computed_styles(),
        "select h.scenario_id, h.rebalance_date, '{}' as factor, sum(h.weight * s.{}) as exposure
        from holdings as h
        inner join styles as s on h.symbol = s.symbol and h.week_date = s.week_date
        group by h.scenario_id, h.rebalance_date",
        '\n    union all\n    ') }}
),

held_industries as (
    select
        holdings.scenario_id,
        holdings.rebalance_date,
        universe.industry_code as factor,
        sum(holdings.weight) as exposure
    from holdings
    inner join universe
        on holdings.symbol = universe.symbol and holdings.week_date = universe.week_date
    where universe.industry_code is not null
    group by holdings.scenario_id, holdings.rebalance_date, universe.industry_code
),

rebalances as (
    select
        scenario_id,
        rebalance_date,
        week_date,
        benchmark,
        known_at,
        sum(weight) as exposure
    from holdings
    group by scenario_id, rebalance_date, week_date, benchmark, known_at
),

held as (
    select * from held_styles
    union all
    select * from held_industries
    union all
    select
        scenario_id,
        rebalance_date,
        'market' as factor,
        exposure
    from rebalances
),

benchmark_exposures as (
    select
        rebalances.scenario_id,
        rebalances.rebalance_date,
        index_exposures.exposure_name as factor,
        index_exposures.exposure
    from rebalances
    inner join index_exposures
        on
            rebalances.benchmark = index_exposures.index_symbol
            and rebalances.week_date = index_exposures.week_date
    union all
    select
        scenario_id,
        rebalance_date,
        'market' as factor,
        1.0 as exposure
    from rebalances
),

gathered as (
    select
        *,
        1.0 as held_sign,
        1.0 as active_sign
    from held
    union all
    select
        *,
        0.0 as held_sign,
        -1.0 as active_sign
    from benchmark_exposures
),

final as (
    select
        gathered.scenario_id,
        gathered.rebalance_date,
        gathered.factor,
        rebalances.week_date,
        sum(gathered.held_sign * gathered.exposure) as exposure,
        sum(gathered.active_sign * gathered.exposure) as active_exposure,
        max(rebalances.known_at) as known_at
    from gathered
    inner join rebalances
        on
            gathered.scenario_id = rebalances.scenario_id
            and gathered.rebalance_date = rebalances.rebalance_date
    group by gathered.scenario_id, gathered.rebalance_date, gathered.factor, rebalances.week_date
)

select * from final
