{#- Mean daily return weighted by turnover, plain and with weights decaying by exp(-5) over the
    window (exp(-age / (4 * months)), a month being 20 sessions).

    weighted_return_sums: numerators and denominators over the window `last_<sessions>`;
    weighted_return, decayed_weighted_return: the factors from those columns. -#}
{% macro weighted_return_sums(sessions) -%}
    {%- set window_name = 'last_' ~ sessions -%}
    sum(return_1d * return_weight) over {{ window_name }} as return_sum_{{ sessions }},
    sum(return_weight) over {{ window_name }} as weight_sum_{{ sessions }},
    {{ decayed_sum('return_1d * return_weight', sessions, 5 / sessions, window_name) }}
        as decayed_return_sum_{{ sessions }},
    {{ decayed_sum('return_weight', sessions, 5 / sessions, window_name) }}
        as decayed_weight_sum_{{ sessions }}
{%- endmacro %}

{% macro weighted_return(sessions) -%}
    {{ when_traded(
        sessions, safe_divide('return_sum_' ~ sessions, 'weight_sum_' ~ sessions)
    ) }}
{%- endmacro %}

{% macro decayed_weighted_return(sessions) -%}
    {{ when_traded(
        sessions, safe_divide('decayed_return_sum_' ~ sessions, 'decayed_weight_sum_' ~ sessions)
    ) }}
{%- endmacro %}
