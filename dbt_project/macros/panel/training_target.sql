{#- Training target out of a `crossed` or `labelled` row and the `scaled` moments of its week: the return
    as it is (`paper`) or standardised. -#}
{% macro training_target(rule_set) -%}
    {%- set labels = rule_set.split('.')[0] -%}
    case
            when {{ rule_set }} = 'paper' then {{ labels }}.fwd_return_1w_cum
            else {{ safe_divide(
                labels ~ '.fwd_return_1w_cum - scaled.mean_return', 'scaled.return_deviation') }}
        end
{%- endmacro %}
