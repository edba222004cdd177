with

sessions as (
    select * from {{ ref('int_nav__attributed') }}
),

portfolios as (
    select * from {{ ref('int_portfolio_day__explained') }}
),

indices as (
    select * from {{ ref('int_index_day__explained') }}
),

trades as (
    select * from {{ ref('int_trading_day__valued') }}
),

explained as (
    select
        sessions.scenario_id,
        sessions.trade_date,
        sessions.previous_nav,
        sessions.return_1d,
        sessions.benchmark_return_1d,
        indices.held_return - sessions.benchmark_return_1d as index_basis_return,
        coalesce(portfolios.market_return, 0.0) - indices.market_return as cash_return,
        {{ active_style_returns('portfolios', 'indices') }},
        coalesce(portfolios.industry_return, 0.0) - indices.industry_return as industry_return,
        coalesce(portfolios.specific_return, 0.0) - indices.specific_return as specific_return,
        coalesce(
            (trades.traded_at_close_cny - trades.paid_cny)
            / (sessions.capital_cny * sessions.previous_nav),
            0.0
        ) as trading_return,
        case
            when indices.index_symbol is not null
                then
                    coalesce(
                        (
                            trades.value_cny
                            - trades.previous_value_cny
                            - trades.traded_at_close_cny
                        ) / (sessions.capital_cny * sessions.previous_nav),
                        0.0
                    )
                    + sessions.dividend / sessions.previous_nav
                    - coalesce(portfolios.held_return, 0.0)
        end as corporate_action_return,
        -sessions.stamp_duty / sessions.previous_nav as stamp_duty_return,
        -sessions.transfer_fee / sessions.previous_nav as transfer_fee_return,
        -sessions.commission / sessions.previous_nav as commission_return,
        -sessions.slippage / sessions.previous_nav as slippage_return,
        -sessions.impact / sessions.previous_nav as impact_return,
        indices.index_symbol is not null as is_explained
    from sessions
    left join trades
        on
            sessions.scenario_id = trades.scenario_id
            and sessions.trade_date = trades.trade_date
    left join indices
        on
            sessions.benchmark = indices.index_symbol
            and sessions.trade_date = indices.trade_date
    left join portfolios
        on
            sessions.scenario_id = portfolios.scenario_id
            and sessions.trade_date = portfolios.trade_date
),

-- Without factor returns or index weights there is nothing to explain with: the parts are unknown.
accounted as (
    select
        explained.*,
        case
            when is_explained then 0.0
            else
                return_1d - benchmark_return_1d - trading_return
                - stamp_duty_return - transfer_fee_return - commission_return
                - slippage_return - impact_return
        end as unexplained_return
    from explained
),

final as (
    select
        scenario_id,
        trade_date,
        previous_nav,
        return_1d,
        benchmark_return_1d,
        {{ component_columns() }},
        return_1d - (
            {{ sum_of_components() }}
        ) as residual,
        trade_date as known_at
    from accounted
)

select * from final
