{#- Weighted mean of the standardised descriptors of a style, the weights of missing ones
    renormalised away; NULL where all are missing. -#}
{% macro combined_style(style) -%}
    {%- set weights = style_definitions()[style].descriptors -%}
    {%- set values = [] -%}
    {%- set present = [] -%}
    {%- for name, weight in weights.items() -%}
        {%- do values.append('coalesce(' ~ weight ~ ' * ' ~ name ~ ', 0)') -%}
        {%- do present.append('case when ' ~ name ~ ' is not null then ' ~ weight ~ ' else 0 end') -%}
    {%- endfor -%}
    {{ safe_divide('(' ~ values | join(' + ') ~ ')', '(' ~ present | join(' + ') ~ ')') }}
{%- endmacro %}

{% macro combined_styles() -%}
    {%- for style in computed_styles() -%}
        {{ combined_style(style) }} as {{ style }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
