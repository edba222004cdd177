with

weeks as (
    select * from {{ ref('int_week__numbered') }}
    where is_in_data and {{ in_stale_weeks('week_date') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where {{ from_stale_weeks('trade_date') }}
),

securities as (
    select * from {{ ref('dim_security') }}
),

industries as (
    select * from {{ ref('int_industry__bounded') }}
),

week_bars as (
    select
        bars.symbol,
        weeks.week_date,
        weeks.next_session_date,
        coalesce(sessions.is_in_data, false) as next_session_is_known,
        bars.sessions_since_listing,
        bars.is_suspended,
        bars.is_st,
        bars.total_cap_cny,
        bars.circulating_cap_cny
    from bars
    inner join weeks on bars.trade_date = weeks.week_date
    left join sessions on weeks.next_session_date = sessions.trade_date
),

next_bars as (
    select
        bars.symbol,
        weeks.week_date,
        bars.is_suspended
    from bars
    inner join weeks on bars.trade_date = weeks.next_session_date
),

-- A share that is gone by the next session does not trade on it.
final as (
    select
        week_bars.symbol,
        week_bars.week_date,
        week_bars.next_session_date,
        securities.list_date,
        week_bars.sessions_since_listing,
        industries.industry_code,
        week_bars.circulating_cap_cny,
        coalesce(week_bars.total_cap_cny, week_bars.circulating_cap_cny)
            as neutralisation_cap_cny,
        week_bars.is_suspended,
        coalesce(week_bars.is_st, false) as is_st,
        week_bars.is_st is null as is_st_unknown,
        case
            when week_bars.next_session_is_known then coalesce(next_bars.is_suspended, true)
        end as fwd_is_suspended
    from week_bars
    inner join securities on week_bars.symbol = securities.symbol
    left join next_bars
        on
            week_bars.symbol = next_bars.symbol
            and week_bars.week_date = next_bars.week_date
    left join industries
        on
            week_bars.symbol = industries.symbol
            and week_bars.week_date >= industries.in_date
            and week_bars.week_date < industries.until_date
)

select * from final
