with

index_members as (
    select * from {{ ref('stg_landing__index_members') }}
),

weeks as (
    select * from {{ ref('int_week__numbered') }}
    where is_in_data and {{ in_stale_weeks('week_date') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where {{ in_stale_weeks('trade_date') }}
),

week_bars as (
    select
        bars.symbol,
        bars.trade_date as week_date,
        bars.adj_close,
        bars.circulating_cap_cny
    from bars
    inner join weeks on bars.trade_date = weeks.week_date
),

members as (
    select distinct
        index_members.index_symbol,
        weeks.week_date,
        index_members.symbol
    from index_members
    inner join weeks
        on weeks.week_date between index_members.in_date and index_members.out_date
),

final as (
    select
        members.index_symbol,
        members.week_date,
        members.symbol,
        week_bars.adj_close,
        week_bars.circulating_cap_cny
    from members
    left join week_bars
        on
            members.symbol = week_bars.symbol
            and members.week_date = week_bars.week_date
)

select * from final
