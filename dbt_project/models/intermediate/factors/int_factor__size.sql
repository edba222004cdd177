with

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where {{ in_stale_weeks('trade_date') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner' and in_universe
),

week_ends as (
    select
        bars.symbol,
        bars.trade_date as week_date,
        {{ positive_log('coalesce(bars.total_cap_cny, bars.circulating_cap_cny)') }}
            as log_total_cap,
        {{ positive_log('bars.circulating_cap_cny') }} as log_float_cap,
        {{ positive_log('bars.close') }} as log_price
    from bars
    inner join sessions on bars.trade_date = sessions.trade_date
    where sessions.is_week_end
),

located as (
    select
        week_ends.week_date,
        avg(week_ends.log_total_cap) as mean_log_cap,
        stddev_samp(week_ends.log_total_cap) as deviation_log_cap
    from week_ends
    inner join universe
        on
            week_ends.symbol = universe.symbol
            and week_ends.week_date = universe.week_date
    group by week_ends.week_date
),

standardised as (
    select
        week_ends.*,
        {{ safe_divide('week_ends.log_total_cap - located.mean_log_cap',
            'located.deviation_log_cap') }} as size_z
    from week_ends
    left join located on week_ends.week_date = located.week_date
),

fitted as (
    select
        standardised.week_date,
        regr_slope(power(standardised.size_z, 3), standardised.size_z) as slope,
        avg(power(standardised.size_z, 3)) as mean_cube
    from standardised
    inner join universe
        on
            standardised.symbol = universe.symbol
            and standardised.week_date = universe.week_date
    group by standardised.week_date
),

final as (
    select
        standardised.symbol,
        standardised.week_date,
        standardised.log_total_cap,
        standardised.log_float_cap,
        power(standardised.size_z, 3) - fitted.mean_cube - fitted.slope * standardised.size_z
            as nonlinear_size,
        standardised.log_price
    from standardised
    left join fitted on standardised.week_date = fitted.week_date
)

select * from final
