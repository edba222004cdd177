with

panel as (
    select * from {{ ref('fct_training_panel') }}
),

led as (
    select * from {{ ref('int_panel_return__led') }}
),

-- A rule set is judged in its own convention.
final as (
    select
        panel.rule_set,
        panel.symbol,
        panel.week_date,
        {{ for_each(research_horizons(), 'led.fwd_return_{}w') }}
    from panel
    left join led
        on
            panel.symbol = led.symbol
            and panel.week_date = led.week_date
            and led.label_convention = {{ label_convention('panel.rule_set') }}
)

select * from final
