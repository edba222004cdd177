{#- Horizons of the labels, weeks. -#}
{% macro label_horizons() -%}
    {{ return([1, 2, 3, 4]) }}
{%- endmacro %}

{#- One column per horizon and measure out of the long label table. -#}
{% macro pivoted_labels() -%}
    {%- for horizon in label_horizons() -%}
        {%- set value = 'max(case when horizon_weeks = ' ~ horizon ~ ' then ' -%}
        {{ value }}fwd_return_cum end) as fwd_return_{{ horizon }}w_cum,
        {{ value }}fwd_return_single end) as fwd_return_{{ horizon }}w_single,
        {{ value }}label_known_at end) as label_known_at_{{ horizon }}w,
        coalesce({{ value }}cast(label_tradable as integer) end), 0) = 1
            as label_tradable_{{ horizon }}w
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The forward returns of a relation, in contract order. -#}
{% macro panel_returns(relation) -%}
    {%- for horizon in label_horizons() -%}
        {{ relation }}.fwd_return_{{ horizon }}w_cum,
        {{ relation }}.fwd_return_{{ horizon }}w_single
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- When the labels of a relation are known and whether they could be traded. -#}
{% macro panel_label_dates(relation) -%}
    {%- for horizon in label_horizons() -%}
        {{ relation }}.label_known_at_{{ horizon }}w,
        coalesce({{ relation }}.label_tradable_{{ horizon }}w, false) as label_tradable_{{ horizon }}w
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
