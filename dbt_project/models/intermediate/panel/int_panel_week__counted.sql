with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

counted as (
    select
        rule_set,
        week_date,
        {{ for_each(panel_factors(), 'case when {} is not null then 1 else 0 end', ' + ') }}
            as present_count
    from selected
),

final as (
    select
        rule_set,
        week_date,
        {{ median_value('present_count') }} as median_present_count
    from counted
    group by rule_set, week_date
)

select * from final
