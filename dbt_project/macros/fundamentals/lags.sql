{#- Whole numbers from `first` to `last`, as text for `for_each`. -#}
{% macro lag_counts(first, last) -%}
    {{ return(range(first, last + 1) | map('string') | list) }}
{%- endmacro %}
