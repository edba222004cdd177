with

group_weeks as (
    select * from {{ ref('mart_group_return_week') }}
),

spread_weeks as (
    select
        run_id,
        rule_set,
        model,
        week_date,
        max(case when group_number = {{ var('group_count') }} then group_return end) as top_return,
        max(case when group_number = 1 then group_return end) as bottom_return,
        max(known_at) as known_at
    from group_weeks
    group by run_id, rule_set, model, week_date
),

-- A week that loses everything (possible where a group is one stock) ends the series at -1.
final as (
    select
        run_id,
        rule_set,
        model,
        week_date,
        top_return,
        bottom_return,
        top_return - bottom_return as long_short_return,
        exp(
            sum(ln(greatest(1 + top_return - bottom_return, 1e-300))) over (
                partition by run_id, rule_set, model
                order by week_date
                rows between unbounded preceding and current row
            )
        ) - 1 as cumulative_return,
        known_at
    from spread_weeks
)

select * from final
