{#- A decimal price rounded half up to the cent, as the exchanges round. The argument must be a
    decimal: binary fractions put 11.055 on either side of the half. -#}
{% macro round_price(expression) -%}
    {{ return(adapter.dispatch('round_price', 'ashare')(expression)) }}
{%- endmacro %}

{% macro default__round_price(expression) -%}
    cast(round({{ expression }}, 2) as decimal(12, 2))
{%- endmacro %}
