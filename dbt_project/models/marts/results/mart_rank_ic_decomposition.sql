with

months as (
    select * from {{ ref('mart_rank_ic_month') }}
),

-- A gap would shift the seasons, and two years are the least that show a season twice.
whole_series as (
    select
        run_id,
        rule_set,
        model
    from months
    group by run_id, rule_set, model
    having
        count(mean_rank_ic) >= 24
        and count(mean_rank_ic)
        = {{ dbt.datediff('min(month_start)', 'max(month_start)', 'month') }} + 1
),

-- Twelve months to either side of the month's two edges: their mean is centred on the month.
averaged as (
    select
        months.run_id,
        months.rule_set,
        months.model,
        months.month_start,
        months.calendar_month,
        months.mean_rank_ic,
        avg(months.mean_rank_ic) over (
            partition by months.run_id, months.rule_set, months.model
            order by months.month_start
            rows between 6 preceding and 5 following
        ) as earlier_mean,
        avg(months.mean_rank_ic) over (
            partition by months.run_id, months.rule_set, months.model
            order by months.month_start
            rows between 5 preceding and 6 following
        ) as later_mean,
        count(*) over (
            partition by months.run_id, months.rule_set, months.model
            order by months.month_start
            rows between 6 preceding and 6 following
        ) as months_around
    from months
    inner join whole_series
        on
            months.run_id = whole_series.run_id
            and months.rule_set = whole_series.rule_set
            and months.model = whole_series.model
),

with_trend as (
    select
        averaged.*,
        case when months_around = 13 then (earlier_mean + later_mean) / 2 end as trend
    from averaged
),

calendar_means as (
    select
        run_id,
        rule_set,
        model,
        calendar_month,
        avg(mean_rank_ic - trend) as mean_deviation
    from with_trend
    group by run_id, rule_set, model, calendar_month
),

seasons as (
    select
        run_id,
        rule_set,
        model,
        calendar_month,
        mean_deviation - avg(mean_deviation) over (
            partition by run_id, rule_set, model
        ) as seasonal
    from calendar_means
),

final as (
    select
        with_trend.run_id,
        with_trend.rule_set,
        with_trend.model,
        with_trend.month_start,
        with_trend.calendar_month,
        with_trend.mean_rank_ic,
        with_trend.trend,
        seasons.seasonal,
        with_trend.mean_rank_ic - with_trend.trend - seasons.seasonal as remainder
    from with_trend
    inner join seasons
        on
            with_trend.run_id = seasons.run_id
            and with_trend.rule_set = seasons.rule_set
            and with_trend.model = seasons.model
            and with_trend.calendar_month = seasons.calendar_month
)

select * from final
