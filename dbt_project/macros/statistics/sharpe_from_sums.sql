{#- Mean over standard deviation from a count, a sum and a sum of squares; NULL where the values do
    not vary. -#}
{% macro sharpe_from_sums(n, total, total_squared) -%}
    {{ safe_divide(
        safe_divide(total, n),
        'sqrt(greatest(' ~ safe_divide(total_squared, n) ~ ' - '
        ~ safe_divide(total, n) ~ ' * ' ~ safe_divide(total, n) ~ ', 0))'
    ) }}
{%- endmacro %}
