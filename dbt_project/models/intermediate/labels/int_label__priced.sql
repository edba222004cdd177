with

weeks as (
    select * from {{ ref('int_week__numbered') }}
    where is_in_data and {{ from_label_weeks('week_date') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
    where is_in_data
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where {{ from_label_weeks('trade_date') }}
),

close_points as (
    select
        bars.symbol,
        weeks.week_date,
        'close' as label_convention,
        bars.adj_close as fwd_price,
        not bars.is_suspended as fwd_is_traded
    from bars
    inner join weeks on bars.trade_date = weeks.week_date
),

entry_bars as (
    select
        bars.symbol,
        weeks.week_date,
        coalesce(bars.adj_vwap, bars.adj_close) as fwd_price,
        bars.adj_vwap is not null as fwd_is_traded
    from bars
    inner join weeks on bars.trade_date = weeks.next_session_date
),

-- A share delisted before the entry session is entered at its last close, which nobody can trade;
-- an entry session after the data has no price.
vwap_points as (
    select
        close_points.symbol,
        close_points.week_date,
        'vwap' as label_convention,
        case
            when sessions.trade_date is not null
                then coalesce(entry_bars.fwd_price, close_points.fwd_price)
        end as fwd_price,
        coalesce(entry_bars.fwd_is_traded, false) as fwd_is_traded
    from close_points
    inner join weeks on close_points.week_date = weeks.week_date
    left join sessions on weeks.next_session_date = sessions.trade_date
    left join entry_bars
        on
            close_points.symbol = entry_bars.symbol
            and close_points.week_date = entry_bars.week_date
),

final as (
    select * from close_points
    union all
    select * from vwap_points
)

select * from final
