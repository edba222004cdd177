{#- Weeks ahead, each judged alone. -#}
{% macro research_horizons() -%}
    {{ return(['1', '2', '3', '4', '5', '6', '7', '8']) }}
{%- endmacro %}
