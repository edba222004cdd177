{#- First calendar day of the half-year that holds a date. -#}
{% macro half_year_start(date_column) -%}
    {{ return(adapter.dispatch('half_year_start', 'ashare')(date_column)) }}
{%- endmacro %}

{% macro default__half_year_start(date_column) -%}
    cast(concat(
        cast(extract(year from {{ date_column }}) as {{ dbt.type_string() }}),
        case when extract(month from {{ date_column }}) <= 6 then '-01-01' else '-07-01' end
    ) as date)
{%- endmacro %}
