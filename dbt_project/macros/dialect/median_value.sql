{#- Exact median as an aggregate (never as a window: engines differ there). -#}
{% macro median_value(expression) -%}
    {{ return(adapter.dispatch('median_value', 'ashare')(expression)) }}
{%- endmacro %}

{% macro default__median_value(expression) -%}
    median({{ expression }})
{%- endmacro %}

{% macro spark__median_value(expression) -%}
    percentile({{ expression }}, 0.5)
{%- endmacro %}
