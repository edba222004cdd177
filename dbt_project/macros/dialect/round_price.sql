{#- A decimal price rounded half up to the tick, as the exchanges round. Price and tick must be
    decimals: binary fractions put 11.055 on either side of the half. One yuan is a whole number of
    ticks, so that counting ticks is exact. -#}
{% macro round_price(expression, tick) -%}
    {{ return(adapter.dispatch('round_price', 'ashare')(expression, tick)) }}
{%- endmacro %}

{% macro default__round_price(expression, tick) -%}
    cast(
        round({{ expression }} * cast(round(1 / {{ tick }}) as smallint), 0) * {{ tick }}
        as decimal(12, 4)
    )
{%- endmacro %}
