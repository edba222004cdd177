{#- Last value of the window frame that is not NULL; `over` follows. -#}
{% macro carried_value(expression) -%}
    {{ return(adapter.dispatch('carried_value', 'ashare')(expression)) }}
{%- endmacro %}

{% macro default__carried_value(expression) -%}
    last_value({{ expression }} ignore nulls)
{%- endmacro %}

{% macro spark__carried_value(expression) -%}
    last_value({{ expression }}, true)
{%- endmacro %}
