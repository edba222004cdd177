{#- Traded sessions of the window of `sessions` that ends `lag` sessions ago, as `traded_<sessions>`:
    the difference of two running counts, which is exact and needs no rolling aggregate. Needs the
    window `sessions`. -#}
{% macro traded_count(sessions, lag=0) -%}
    {%- set running = 'traded_session_count' -%}
    {% if lag == 0 -%}
        {{ running }}
    {%- else -%}
        lag({{ running }}, {{ lag }}, 0) over sessions
    {%- endif %}
    - lag({{ running }}, {{ sessions + lag }}, 0) over sessions as traded_{{ sessions }}
{%- endmacro %}
