{#- Exponentially weighted moments over a named window, weights halving every `half_life` sessions
    and renormalised over the sessions with values.

    decayed_regression_sums, decayed_moment_sums: weighted sums as columns;
    decayed_slope, decayed_residual_deviation, decayed_deviation: the statistics from them, NULL
    where the regressor did not vary. Daily returns scatter far more than their mean, so plain
    sums of squares lose nothing. -#}
{% macro decayed_regression_sums(y, x, sessions, half_life, window_name) -%}
    {%- set rate = 'ln(2) / ' ~ half_life -%}
    {%- set pair = 'case when ' ~ y ~ ' is not null and ' ~ x ~ ' is not null then ' -%}
    {{ decayed_sum(pair ~ '1 end', sessions, rate, window_name) }} as pair_w,
    {{ decayed_sum(pair ~ x ~ ' end', sessions, rate, window_name) }} as pair_x,
    {{ decayed_sum(pair ~ y ~ ' end', sessions, rate, window_name) }} as pair_y,
    {{ decayed_sum(pair ~ x ~ ' * ' ~ x ~ ' end', sessions, rate, window_name) }} as pair_xx,
    {{ decayed_sum(pair ~ x ~ ' * ' ~ y ~ ' end', sessions, rate, window_name) }} as pair_xy,
    {{ decayed_sum(pair ~ y ~ ' * ' ~ y ~ ' end', sessions, rate, window_name) }} as pair_yy
{%- endmacro %}

{% macro decayed_moment_sums(y, sessions, half_life, window_name) -%}
    {%- set rate = 'ln(2) / ' ~ half_life -%}
    {{ decayed_sum('case when ' ~ y ~ ' is not null then 1 end', sessions, rate, window_name) }}
        as moment_w,
    {{ decayed_sum(y, sessions, rate, window_name) }} as moment_y,
    {{ decayed_sum(y ~ ' * ' ~ y, sessions, rate, window_name) }} as moment_yy
{%- endmacro %}

{% macro decayed_slope() -%}
    case
        when pair_xx * pair_w - pair_x * pair_x > 1e-12 * pair_xx * pair_w
            then
                (pair_xy * pair_w - pair_x * pair_y)
                / (pair_xx * pair_w - pair_x * pair_x)
    end
{%- endmacro %}

{% macro decayed_residual_deviation() -%}
    {%- set variance = safe_divide(
        'pair_yy - pair_y * pair_y / pair_w - (' ~ decayed_slope()
        ~ ') * (pair_xy - pair_x * pair_y / pair_w)', 'pair_w') -%}
    case when pair_w > 0 then sqrt(greatest({{ variance }}, 0)) end
{%- endmacro %}

{% macro decayed_deviation() -%}
    case
        when moment_w > 0
            then sqrt(greatest(moment_yy / moment_w - power(moment_y / moment_w, 2), 0))
    end
{%- endmacro %}
