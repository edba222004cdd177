{{ config(severity='warn') }}

with

index_bars as (
    select * from {{ ref('fct_index_daily') }}
    where return_1d is not null
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

weights as (
    select * from {{ ref('fct_index_weight_week') }}
    where member_coverage >= 0.9
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

rebuilt as (
    select
        weights.index_symbol,
        bars.trade_date,
        {{ safe_divide(
            'sum(weights.weight * coalesce(bars.return_1d, 0))', 'sum(weights.weight)'
        ) }} as constituent_return
    from bars
    inner join sessions on bars.trade_date = sessions.trade_date
    inner join weights
        on
            bars.symbol = weights.symbol
            and sessions.previous_week_date = weights.week_date
    group by weights.index_symbol, bars.trade_date
),

compared as (
    select
        index_bars.index_symbol,
        abs(index_bars.return_1d - rebuilt.constituent_return) as difference
    from index_bars
    inner join rebuilt
        on
            index_bars.index_symbol = rebuilt.index_symbol
            and index_bars.trade_date = rebuilt.trade_date
),

-- Weights drift within the week, and a small index changes its members: single sessions may miss.
counted as (
    select
        index_symbol,
        count(*) as session_count,
        avg(difference) as mean_difference,
        sum(case when difference > 0.02 then 1 else 0 end) as disagreeing_count
    from compared
    group by index_symbol
)

select * from counted
where disagreeing_count > 0.02 * session_count
