with

-- Of old weeks whose labels alone are stale this table has the rows, int_factor__selected has not.
exposures as (
    select * from {{ ref('fct_factor_exposure') }}
    where {{ in_label_weeks('week_date') }}
),

labels as (
    select * from {{ ref('int_label__pivoted') }}
),

-- Each rule set judges in its own convention.
labelled as (
    select
        exposures.rule_set,
        exposures.symbol,
        exposures.week_date,
        {{ panel_returns('labels') }},
        {{ panel_label_dates('labels') }}
    from exposures
    left join labels
        on
            exposures.symbol = labels.symbol
            and exposures.week_date = labels.week_date
            and labels.label_convention = {{ label_convention('exposures.rule_set') }}
),

scaled as (
    select
        rule_set,
        week_date,
        avg(fwd_return_1w_cum) as mean_return,
        stddev_samp(fwd_return_1w_cum) as return_deviation
    from labelled
    group by rule_set, week_date
),

final as (
    select
        labelled.*,
        {{ training_target('labelled', 'rule_set') }} as fwd_target_1w
    from labelled
    inner join scaled
        on
            labelled.rule_set = scaled.rule_set
            and labelled.week_date = scaled.week_date
)

select * from final
