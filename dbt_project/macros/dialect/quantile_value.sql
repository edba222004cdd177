{#- Exact, linearly interpolated quantile as an aggregate. -#}
{% macro quantile_value(expression, share) -%}
    {{ return(adapter.dispatch('quantile_value', 'ashare')(expression, share)) }}
{%- endmacro %}

{% macro default__quantile_value(expression, share) -%}
    quantile_cont({{ expression }}, {{ share }})
{%- endmacro %}

{% macro spark__quantile_value(expression, share) -%}
    percentile({{ expression }}, {{ share }})
{%- endmacro %}
