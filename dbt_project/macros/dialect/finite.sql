{#- The value, or NULL where it is not a finite number. -#}
{% macro finite(expression) -%}
    {{ return(adapter.dispatch('finite', 'ashare')(expression)) }}
{%- endmacro %}

{% macro default__finite(expression) -%}
    case when isfinite({{ expression }}) then {{ expression }} end
{%- endmacro %}
