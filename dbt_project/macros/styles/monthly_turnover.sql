{#- Mean turnover per month of 21 sessions (a share of circulating shares) over the window
    `last_<sessions>`. Sessions without trade count as zero turnover, sessions before the listing
    not at all. -#}
{% macro monthly_turnover(sessions) -%}
    21 * sum(turnover_rate_pct) over last_{{ sessions }}
    / (100 * count(*) over last_{{ sessions }})
{%- endmacro %}
