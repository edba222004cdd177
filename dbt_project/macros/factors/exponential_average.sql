{#- Exponential average of `span` sessions (weight 1 - 2 / (span + 1) per session of age), truncated
    at 60 sessions, the weights renormalised over the sessions with a value. `window_name` names
    the window of the last 60 sessions. -#}
{% macro exponential_average(expression, span, window_name) -%}
    {%- set rate = '(-ln(1 - 2.0 / ' ~ (span + 1) ~ '))' -%}
    {{ safe_divide(
        decayed_sum(expression, 60, rate, window_name),
        decayed_sum(
            'case when ' ~ expression ~ ' is not null then 1 end', 60, rate, window_name
        )
    ) }}
{%- endmacro %}
