with

panel as (
    select * from {{ ref('fct_training_panel') }}
    where {{ in_label_weeks('week_date') }}
),

rules as (
    select * from {{ ref('universe_rule') }}
    where rule_set in ({{ panel_rule_sets() }})
),

labels as (
    select * from {{ ref('fct_label') }}
    where horizon_weeks = 1 and {{ in_label_weeks('week_date') }}
),

-- The rows of one rule set, the label of another one.
crossed as (
    select
        panel.rule_set,
        rules.rule_set as label_rule_set,
        panel.symbol,
        panel.week_date,
        panel.half_year_window,
        labels.fwd_return_cum as fwd_return_1w_cum,
        labels.label_known_at as label_known_at_1w,
        coalesce(labels.label_tradable, false) as label_tradable_1w,
        panel.uses_future,
        panel.known_at
    from panel
    inner join rules on panel.rule_set <> rules.rule_set
    left join labels
        on
            panel.symbol = labels.symbol
            and panel.week_date = labels.week_date
            and labels.label_convention = {{ label_convention('rules.rule_set') }}
),

scaled as (
    select
        rule_set,
        label_rule_set,
        week_date,
        avg(fwd_return_1w_cum) as mean_return,
        stddev_samp(fwd_return_1w_cum) as return_deviation
    from crossed
    group by rule_set, label_rule_set, week_date
),

final as (
    select
        crossed.rule_set,
        crossed.label_rule_set,
        crossed.symbol,
        crossed.week_date,
        crossed.half_year_window,
        crossed.fwd_return_1w_cum,
        {{ training_target('crossed', 'label_rule_set') }} as fwd_target_1w,
        crossed.label_known_at_1w,
        crossed.label_tradable_1w,
        crossed.uses_future,
        crossed.known_at
    from crossed
    inner join scaled
        on
            crossed.rule_set = scaled.rule_set
            and crossed.label_rule_set = scaled.label_rule_set
            and crossed.week_date = scaled.week_date
)

select * from final
