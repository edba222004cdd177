with

grouped as (
    select * from {{ ref('int_forecast__grouped') }}
),

series as (
    select * from {{ ref('int_forecast__series') }}
),

group_weeks as (
    select
        series_number,
        group_number,
        week_date,
        count(*) as stock_count,
        avg(fwd_return) as group_return,
        max(label_known_at) as known_at
    from grouped
    group by series_number, group_number, week_date
),

final as (
    select
        series.run_id,
        series.rule_set,
        series.model,
        group_weeks.group_number,
        group_weeks.week_date,
        group_weeks.stock_count,
        group_weeks.group_return,
        exp(
            sum(ln(1 + group_weeks.group_return)) over (
                partition by group_weeks.series_number, group_weeks.group_number
                order by group_weeks.week_date
                rows between unbounded preceding and current row
            )
        ) - 1 as cumulative_return,
        group_weeks.known_at
    from group_weeks
    inner join series on group_weeks.series_number = series.series_number
)

select * from final
