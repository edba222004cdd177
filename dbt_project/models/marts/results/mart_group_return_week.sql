with

grouped as (
    select * from {{ ref('int_forecast__grouped') }}
),

group_weeks as (
    select
        run_id,
        rule_set,
        model,
        group_number,
        week_date,
        count(*) as stock_count,
        avg(fwd_return) as group_return,
        max(label_known_at) as known_at
    from grouped
    group by run_id, rule_set, model, group_number, week_date
),

final as (
    select
        run_id,
        rule_set,
        model,
        group_number,
        week_date,
        stock_count,
        group_return,
        exp(
            sum(ln(1 + group_return)) over (
                partition by run_id, rule_set, model, group_number
                order by week_date
                rows between unbounded preceding and current row
            )
        ) - 1 as cumulative_return,
        known_at
    from group_weeks
)

select * from final
