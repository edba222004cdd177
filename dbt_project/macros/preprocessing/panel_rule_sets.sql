{#- The rule sets whose panels are built, as a list of SQL literals. -#}
{% macro panel_rule_sets() -%}
    '{{ var('rule_sets') | join("', '") }}'
{%- endmacro %}
