{#- Window over the last `sessions` exchange sessions of a stock up to `lag` sessions ago. Bars are
    dense from the listing on, so rows are sessions; sessions without trade hold NULL and are
    skipped by the aggregates. -#}
{% macro last_sessions(sessions, lag=0) -%}
    partition by symbol
    order by session_number
    rows between {{ sessions - 1 + lag }} preceding and {{ lag }} preceding
{%- endmacro %}
