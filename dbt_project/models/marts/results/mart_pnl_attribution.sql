with

daily as (
    select * from {{ ref('fct_pnl_attribution_daily') }}
),

in_periods as (
    select
        daily.*,
        'total' as attribution_period
    from daily
    union all
    select
        daily.*,
        cast(extract(year from trade_date) as {{ dbt.type_string() }}) as attribution_period
    from daily
),

with_starts as (
    select
        in_periods.*,
        first_value(previous_nav) over (
            partition by scenario_id, attribution_period
            order by trade_date
            rows between unbounded preceding and unbounded following
        ) as start_nav
    from in_periods
),

final as (
    {{ linked_components('with_starts') }}
)

select * from final
