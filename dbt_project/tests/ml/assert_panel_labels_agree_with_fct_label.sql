-- The panel's labels are those of fct_label in the convention of the rule set.
with

panel as (
    select * from {{ ref('fct_training_panel') }}
),

labels as (
    select * from {{ ref('fct_label') }}
    where horizon_weeks = 4
),

compared as (
    select
        panel.rule_set,
        panel.symbol,
        panel.week_date
    from panel
    left join labels
        on
            panel.symbol = labels.symbol
            and panel.week_date = labels.week_date
            and labels.label_convention = {{ label_convention('panel.rule_set') }}
    where
        panel.fwd_return_4w_cum is distinct from labels.fwd_return_cum
        or panel.fwd_return_4w_single is distinct from labels.fwd_return_single
        or panel.label_known_at_4w is distinct from labels.label_known_at
        or panel.label_tradable_4w is distinct from coalesce(labels.label_tradable, false)
)

select * from compared
