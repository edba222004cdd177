-- Where both rule sets have a stock-week, a crossed label is the label of the other one's panel:
-- the return, when it was known, whether it could be traded, and the target where it is the return
-- itself. Every row of a panel has its crossed label where there are two rule sets.
with

crossed as (
    select * from {{ ref('fct_crossed_label') }}
),

panel as (
    select * from {{ ref('fct_training_panel') }}
),

rule_sets as (
    select count(distinct rule_set) as rule_set_count from panel
),

other as (
    select
        crossed.rule_set,
        crossed.symbol,
        crossed.week_date
    from crossed
    inner join panel
        on
            crossed.label_rule_set = panel.rule_set
            and crossed.symbol = panel.symbol
            and crossed.week_date = panel.week_date
    where
        crossed.fwd_return_1w_cum is distinct from panel.fwd_return_1w_cum
        or crossed.label_known_at_1w is distinct from panel.label_known_at_1w
        or crossed.label_tradable_1w is distinct from panel.label_tradable_1w
        or (
            crossed.label_rule_set = 'paper'
            and crossed.fwd_target_1w is distinct from panel.fwd_target_1w
        )
),

missing as (
    select
        panel.rule_set,
        panel.symbol,
        panel.week_date
    from panel
    cross join rule_sets
    left join crossed
        on
            panel.rule_set = crossed.rule_set
            and panel.symbol = crossed.symbol
            and panel.week_date = crossed.week_date
    where
        rule_sets.rule_set_count = 2
        and crossed.symbol is null
),

final as (
    select * from other
    union all
    select * from missing
)

select * from final
