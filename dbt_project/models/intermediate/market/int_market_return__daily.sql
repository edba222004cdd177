with

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where return_1d is not null and {{ from_stale_weeks('trade_date') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
),

members as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner' and in_universe
),

index_returns as (
    select * from {{ ref('fct_index_daily') }}
    where return_1d is not null and {{ from_stale_weeks('trade_date') }}
),

-- Caps and membership are those of the week before: known when the session begins.
cap_weighted as (
    select
        bars.trade_date,
        {{ safe_divide(
            'sum(members.neutralisation_cap_cny * bars.return_1d)',
            'sum(members.neutralisation_cap_cny)'
        ) }} as market_return,
        count(*) as stock_count
    from bars
    inner join sessions on bars.trade_date = sessions.trade_date
    inner join members
        on
            bars.symbol = members.symbol
            and sessions.previous_week_date = members.week_date
    group by bars.trade_date
),

final as (
    select
        trade_date,
        market_return,
        stock_count
    from cap_weighted
    where '{{ var("market_return") }}' = 'universe'

    union all

    select
        trade_date,
        return_1d as market_return,
        cast(null as bigint) as stock_count
    from index_returns
    where index_symbol = '{{ var("market_return") }}'
)

select * from final
