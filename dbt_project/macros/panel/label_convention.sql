{#- Convention of the labels that a rule set is trained and judged on. -#}
{% macro label_convention(rule_set) -%}
    case {{ rule_set }} when 'paper' then 'close' else 'vwap' end
{%- endmacro %}
