{#- Half-year that holds a date, as '2016H1'. -#}
{% macro half_year_label(date_column) -%}
    {{ return(adapter.dispatch('half_year_label', 'ashare')(date_column)) }}
{%- endmacro %}

{% macro default__half_year_label(date_column) -%}
    concat(
        cast(extract(year from {{ date_column }}) as {{ dbt.type_string() }}),
        case when extract(month from {{ date_column }}) <= 6 then 'H1' else 'H2' end
    )
{%- endmacro %}
