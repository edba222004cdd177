with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 25) }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

numbered as (
    select row_number() over (order by trade_date nulls last) - 1 as age
    from sessions
),

ages as (
    select * from numbered
    where age < 25
),

windowed as (
    select
        symbol,
        trade_date,
        session_number,
        is_week_end,
        max(adj_high) over last_25 as highest,
        min(adj_low) over last_25 as lowest
    from bars
    window last_25 as ({{ week_end_sessions(25) }})
),

week_end_sessions as (
    select
        windowed.symbol,
        windowed.trade_date,
        windowed.highest,
        windowed.lowest,
        windowed.session_number - ages.age as session_number,
        ages.age
    from windowed
    cross join ages
    where windowed.is_week_end
),

-- On ties the latest session, that is the smallest age.
final as (
    select
        week_end_sessions.symbol,
        week_end_sessions.trade_date as week_date,
        min(case when bars.adj_high = week_end_sessions.highest then week_end_sessions.age end)
            as sessions_since_high,
        min(case when bars.adj_low = week_end_sessions.lowest then week_end_sessions.age end)
            as sessions_since_low
    from week_end_sessions
    inner join bars
        on
            week_end_sessions.symbol = bars.symbol
            and week_end_sessions.session_number = bars.session_number
    group by week_end_sessions.symbol, week_end_sessions.trade_date
)

select * from final
