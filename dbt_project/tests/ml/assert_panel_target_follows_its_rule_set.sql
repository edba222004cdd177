-- The training target is the raw label under `paper`; under `practitioner` it has mean 0 and
-- deviation 1 in every week with more than one label.
with

panel as (
    select * from {{ ref('fct_training_panel') }}
),

raw_targets as (
    select
        rule_set,
        week_date
    from panel
    where rule_set = 'paper' and fwd_target_1w is distinct from fwd_return_1w_cum
),

moments as (
    select
        rule_set,
        week_date,
        count(fwd_target_1w) as label_count,
        avg(fwd_target_1w) as mean_target,
        stddev_samp(fwd_target_1w) as deviation
    from panel
    where rule_set = 'practitioner'
    group by rule_set, week_date
),

unscaled as (
    select
        rule_set,
        week_date
    from moments
    where
        label_count > 1
        and (abs(mean_target) > 1e-9 or abs(deviation - 1) > 1e-9)
),

final as (
    select * from raw_targets
    union all
    select * from unscaled
)

select * from final
