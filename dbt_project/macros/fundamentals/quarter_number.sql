{#- Number of the quarter that ends on a date: consecutive quarters differ by one, fourth quarters are
    divisible by four. fiscal_quarter: 1 to 4, from such a number. -#}
{% macro quarter_number(date_column) -%}
    cast(4 * extract(year from {{ date_column }}) + extract(quarter from {{ date_column }}) - 4
        as integer)
{%- endmacro %}

{% macro fiscal_quarter(number) -%}
    (mod({{ number }} + 3, 4) + 1)
{%- endmacro %}
