with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

located as (
    select * from {{ ref('int_factor_week__located') }}
),

final as (
    select
        selected.rule_set,
        selected.week_date,
        {{ for_each(
            panel_factors(),
            median_value('abs(selected.{} - located.{}_median)') ~ ' as {}_mad') }}
    from selected
    inner join located
        on
            selected.rule_set = located.rule_set
            and selected.week_date = located.week_date
    group by selected.rule_set, selected.week_date
)

select * from final
