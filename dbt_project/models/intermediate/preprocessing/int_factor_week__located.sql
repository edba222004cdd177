with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

final as (
    select
        rule_set,
        week_date,
        {{ for_each(panel_factors(), median_value('{}') ~ ' as {}_median') }}
    from selected
    group by rule_set, week_date
)

select * from final
