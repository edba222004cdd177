with

states as (
    select * from {{ ref('int_fundamental_state__visible') }}
),

quarters as (
    select * from {{ ref('int_quarter__measured') }}
),

lags as (
    {{ for_each(lag_counts(0, 19), 'select {} as lag_count', '\n    union all\n    ') }}
),

-- Twelve quarters and one for trends and surprises, further back annual figures alone.
needed as (
    select
        states.symbol,
        states.state_date,
        states.quarter_number - lags.lag_count as quarter_number,
        lags.lag_count,
        {{ fiscal_quarter('states.quarter_number - lags.lag_count') }} = 4 as is_annual
    from states
    cross join lags
    where
        lags.lag_count <= 12
        or {{ fiscal_quarter('states.quarter_number - lags.lag_count') }} = 4
),

series as (
    select
        needed.symbol,
        needed.state_date,
        needed.lag_count,
        needed.is_annual,
        quarters.revenue_quarter,
        quarters.revenue_ttm,
        quarters.parent_net_profit_quarter,
        quarters.parent_net_profit_ttm
    from needed
    inner join quarters
        on
            needed.symbol = quarters.symbol
            and needed.quarter_number = quarters.quarter_number
            and needed.state_date >= quarters.known_at
            and needed.state_date < quarters.until_date
),

changes as (
    select
        now.symbol,
        now.state_date,
        now.lag_count,
        now.revenue_quarter - year_ago.revenue_quarter as revenue_change,
        now.parent_net_profit_quarter - year_ago.parent_net_profit_quarter
            as parent_net_profit_change
    from series as now
    inner join series as year_ago
        on
            now.symbol = year_ago.symbol
            and now.state_date = year_ago.state_date
            and now.lag_count = year_ago.lag_count - 4
    where now.lag_count <= 8
),

surprises as (
    select
        symbol,
        state_date,
        {{ standardised_surprise('revenue_change') }} as revenue_surprise,
        {{ standardised_surprise('parent_net_profit_change') }} as parent_net_profit_surprise
    from changes
    group by symbol, state_date
),

trends as (
    select
        symbol,
        state_date,
        {{ relative_slope('revenue_ttm', 'lag_count <= 11', 12) }} as revenue_trend,
        {{ relative_slope('parent_net_profit_ttm', 'lag_count <= 11', 12) }}
            as parent_net_profit_trend,
        4 * {{ relative_slope('revenue_ttm', 'is_annual', 5) }} as annual_revenue_trend,
        4 * {{ relative_slope('parent_net_profit_ttm', 'is_annual', 5) }}
            as annual_parent_net_profit_trend
    from series
    group by symbol, state_date
),

final as (
    select
        trends.*,
        surprises.revenue_surprise,
        surprises.parent_net_profit_surprise
    from trends
    left join surprises
        on
            trends.symbol = surprises.symbol
            and trends.state_date = surprises.state_date
)

select * from final
