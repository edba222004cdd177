{#- Sum over the window of expression * exp(-rate * age), age in sessions before the window's end.

    A rolling sum with weights that depend on the current row, made of two plain rolling sums:
    sessions are cut into blocks as long as the window, so a window meets at most two blocks, one
    even and one odd. Inside its block a row is weighted by exp(rate * place in the block); the
    sum of each parity is then scaled to the age seen from the window's end. Only positive factors
    are applied, so nothing cancels, and they stay below exp(rate * sessions).

    `window_name` names the window `last_sessions(sessions, lag)`. -#}
{% macro decayed_sum(expression, sessions, rate, window_name, lag=0) -%}
    {%- set place = 'mod(session_number, ' ~ sessions ~ ')' -%}
    {%- set block_is_odd = 'mod(session_number, ' ~ (2 * sessions) ~ ') >= ' ~ sessions -%}
    {#- A multiple of two blocks keeps the numbers positive before the first window is full. -#}
    {%- set end = '(session_number + ' ~ (2 * sessions * (1 + lag // (2 * sessions)) - lag) ~ ')' -%}
    {%- set end_place = 'mod(' ~ end ~ ', ' ~ sessions ~ ')' -%}
    {%- set end_is_odd = 'mod(' ~ end ~ ', ' ~ (2 * sessions) ~ ') >= ' ~ sessions -%}
    (
        coalesce(
            sum(
                case when not ({{ block_is_odd }})
                    then ({{ expression }}) * exp({{ rate }} * {{ place }})
                end
            ) over {{ window_name }}, 0
        ) * exp(
            -{{ rate }} * ({{ end_place }} + case when {{ end_is_odd }} then {{ sessions }} else 0 end)
        )
        + coalesce(
            sum(
                case when {{ block_is_odd }}
                    then ({{ expression }}) * exp({{ rate }} * {{ place }})
                end
            ) over {{ window_name }}, 0
        ) * exp(
            -{{ rate }} * ({{ end_place }} + case when {{ end_is_odd }} then 0 else {{ sessions }} end)
        )
    )
{%- endmacro %}
