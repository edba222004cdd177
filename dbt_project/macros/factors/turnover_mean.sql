{#- Mean turnover rate over the window `last_<sessions>`, and the traded sessions behind it. -#}
{% macro turnover_mean(sessions) -%}
    avg(turnover_rate_pct) over last_{{ sessions }} as mean_turnover_{{ sessions }},
    {{ traded_count(sessions) }}
{%- endmacro %}
