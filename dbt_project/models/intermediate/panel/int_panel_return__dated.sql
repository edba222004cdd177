with

labels as (
    select * from {{ ref('fct_label') }}
    where horizon_weeks = 1 and fwd_return_cum is not null
),

weeks as (
    select * from {{ ref('dim_week') }}
),

dates as (
    select
        label_convention,
        week_date,
        max(label_known_at) as known_at
    from labels
    group by label_convention, week_date
),

final as (
    select
        case dates.label_convention when 'close' then 'paper' else 'practitioner' end as rule_set,
        weeks.week_number,
        dates.known_at
    from dates
    inner join weeks on dates.week_date = weeks.week_date
)

select * from final
