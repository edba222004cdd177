{#- Every factor of the wide tables from the relation `<family>_factors`, in catalogue order, as a
    finite double or NULL. -#}
{% macro joined_factors() -%}
    {%- for name in panel_factors() -%}
        {%- set family = factor_families()[name] -%}
        {{ finite('cast(' ~ family ~ '_factors.' ~ name ~ ' as double)') }} as {{ name }}
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The factors of one family, in catalogue order. -#}
{% macro factors_of(family) -%}
    {%- set names = [] -%}
    {%- for name, own in factor_families().items() if own == family -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
