with

pipeline_canaries as (
    select * from {{ ref('stg_model_output__pipeline_canary') }}
),

attainable_canaries as (
    select * from {{ ref('stg_model_output__attainable_canary') }}
),

of_the_panel as (
    select
        rule_set,
        canary,
        'panel' as subject,
        expectation,
        observed,
        0.0 as reference,
        spread,
        p_value,
        randomisation_count,
        week_count,
        is_passed
    from pipeline_canaries
),

of_models as (
    select
        rule_set,
        'attainable' as canary,
        model as subject,
        'below' as expectation,
        observed,
        attainable as reference,
        case when t_stat <> 0 then abs((observed - attainable) / t_stat) end as spread,
        p_value,
        0 as randomisation_count,
        week_count,
        is_passed
    from attainable_canaries
),

together as (
    select * from of_the_panel
    union all
    select * from of_models
),

final as (
    select
        cast(rule_set as varchar) as rule_set,
        cast(canary as varchar) as canary,
        cast(subject as varchar) as subject,
        cast(expectation as varchar) as expectation,
        cast(observed as double) as observed,
        cast(reference as double) as reference,
        cast(case when reference > 0 then observed / reference end as double)
            as share_of_reference,
        cast(spread as double) as spread,
        cast(p_value as double) as p_value,
        cast(randomisation_count as bigint) as randomisation_count,
        cast(week_count as bigint) as week_count,
        cast(is_passed as boolean) as is_passed
    from together
)

select * from final
