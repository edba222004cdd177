{#- Regression of daily returns on the market return over a named window, from centred sums.

    market_model_sums: pairs and centred sums over the window, as columns suffixed `_<sessions>`;
    market_model_fit:  slope, R-squared and sample deviation of the residuals from those columns.

    NULL where fewer than half of the sessions were traded or the market return did not vary. A
    residual variance below 1e-14 of the total is rounding, hence zero. -#}
{% macro market_model_sums(sessions, window_name) -%}
    count(market_return) over {{ window_name }} as paired_{{ sessions }},
    regr_sxx(return_1d, market_return) over {{ window_name }} as sxx_{{ sessions }},
    regr_syy(return_1d, market_return) over {{ window_name }} as syy_{{ sessions }},
    regr_sxy(return_1d, market_return) over {{ window_name }} as sxy_{{ sessions }}
{%- endmacro %}

{% macro market_model_slope(sessions) -%}
    {{ safe_divide('sxy_' ~ sessions, 'sxx_' ~ sessions) }}
{%- endmacro %}

{% macro market_model_fit(sessions) -%}
    {%- set residual_square = 'syy_' ~ sessions ~ ' - sxy_' ~ sessions ~ ' * '
        ~ market_model_slope(sessions) -%}
    {{ when_traded(sessions, market_model_slope(sessions)) }} as slope_{{ sessions }},
    {{ when_traded(
        sessions,
        'sxy_' ~ sessions ~ ' * '
        ~ safe_divide(market_model_slope(sessions), 'syy_' ~ sessions)
    ) }} as r_squared_{{ sessions }},
    {{ when_traded(
        sessions,
        'case when ' ~ residual_square ~ ' > 1e-14 * syy_' ~ sessions ~ ' then sqrt('
        ~ safe_divide(residual_square, 'paired_' ~ sessions ~ ' - 1')
        ~ ') when sxx_' ~ sessions ~ ' > 0 then 0 end'
    ) }} as residual_deviation_{{ sessions }}
{%- endmacro %}
