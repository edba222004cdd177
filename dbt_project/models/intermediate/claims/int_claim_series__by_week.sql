with

models as (
    select * from {{ ref('int_model__grouped') }}
),

rank_ic_weeks as (
    select * from {{ ref('int_rank_ic__by_week') }}
),

group_weeks as (
    select * from {{ ref('mart_group_return_week') }}
),

measured as (
    select
        run_id,
        rule_set,
        model,
        case horizon_weeks when 1 then 'rank_ic_1w' else 'rank_ic_4w' end as measure,
        week_date as observation_date,
        rank_ic as measured_value
    from rank_ic_weeks
    where horizon_weeks in (1, 4) and label_kind = 'cumulative' and rank_ic is not null
    union all
    select
        run_id,
        rule_set,
        model,
        'top_group_log_return' as measure,
        week_date as observation_date,
        ln(1 + group_return) as measured_value
    from group_weeks
    where group_number = 10
    union all
    select
        highest.run_id,
        highest.rule_set,
        highest.model,
        'long_short_return' as measure,
        highest.week_date as observation_date,
        highest.group_return - lowest.group_return as measured_value
    from group_weeks as highest
    inner join group_weeks as lowest
        on
            highest.run_id = lowest.run_id
            and highest.rule_set = lowest.rule_set
            and highest.model = lowest.model
            and highest.week_date = lowest.week_date
    where highest.group_number = 10 and lowest.group_number = 1
),

final as (
    {{ with_seed_means(['measured_value'], by=['measure', 'observation_date']) }}
)

select * from final
