{#- Window over the last `sessions` exchange sessions up to `lag` sessions ago, like `last_sessions`,
    of which only the rows with `is_week_end` are read. An engine that takes the bounds of a frame
    from the row sums up nothing on the four other sessions of a week. -#}
{% macro week_end_sessions(sessions, lag=0) -%}
    {{ return(adapter.dispatch('week_end_sessions', 'ashare')(sessions, lag)) }}
{%- endmacro %}

{% macro default__week_end_sessions(sessions, lag) -%}
    {{ last_sessions(sessions, lag) }}
{%- endmacro %}

{% macro duckdb__week_end_sessions(sessions, lag) -%}
    partition by symbol
    order by session_number
    rows between
    case when is_week_end then {{ sessions - 1 + lag }} else {{ lag }} end preceding
    and {{ lag }} preceding
{%- endmacro %}
