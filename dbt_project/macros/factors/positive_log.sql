{#- Natural logarithm; NULL where the argument is not positive. -#}
{% macro positive_log(expression) -%}
    case when {{ expression }} > 0 then ln({{ expression }}) end
{%- endmacro %}
