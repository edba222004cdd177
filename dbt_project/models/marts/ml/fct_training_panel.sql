with

exposures as (
    select * from {{ ref('fct_factor_exposure') }}
    where {{ in_label_weeks('week_date') }}
),

labels as (
    select * from {{ ref('int_panel_label__chosen') }}
),

starts as (
    select * from {{ ref('int_panel__started') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

final as (
    select
        exposures.rule_set,
        exposures.symbol,
        exposures.week_date,
        weeks.half_year_window,
        weeks.window_start,
        {{ for_each(panel_factors(), 'exposures.{}') }},
        {{ panel_returns('labels') }},
        labels.fwd_target_1w,
        {{ panel_label_dates('labels') }},
        exposures.uses_future,
        exposures.known_at
    from exposures
    inner join starts
        on
            exposures.rule_set = starts.rule_set
            and exposures.week_date >= starts.first_week_date
    inner join labels
        on
            exposures.rule_set = labels.rule_set
            and exposures.symbol = labels.symbol
            and exposures.week_date = labels.week_date
    inner join weeks on exposures.week_date = weeks.week_date
)

select * from final
