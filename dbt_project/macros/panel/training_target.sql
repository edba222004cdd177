{#- Training target out of a row of the relation `labels` and the `scaled` moments of its week: the return
    as it is (`paper`) or standardised; `rule_set` is the column that names the rule set of the label. -#}
{% macro training_target(labels, rule_set) -%}
    case
            when {{ labels }}.{{ rule_set }} = 'paper' then {{ labels }}.fwd_return_1w_cum
            else {{ safe_divide(
                labels ~ '.fwd_return_1w_cum - scaled.mean_return', 'scaled.return_deviation') }}
        end
{%- endmacro %}
