{#- Flows of a quarter from cumulative figures: `now`, the quarter before (`before`), the last annual
    statement (`annual`) and the same quarter a year ago (`year_ago`), relations that may lack a row.
    The first quarter is its own cumulative figure, the fourth is the whole year. NULL where a
    figure that is needed is missing. -#}
{% macro single_quarter(item) -%}
    case
            when now.fiscal_quarter = 1 then now.{{ item }}
            else now.{{ item }} - before.{{ item }}
        end
{%- endmacro %}

{% macro trailing_year(item) -%}
    case
            when now.fiscal_quarter = 4 then now.{{ item }}
            else now.{{ item }} + annual.{{ item }} - year_ago.{{ item }}
        end
{%- endmacro %}

{% macro flow_columns() -%}
    {%- for item in flow_items() -%}
        {{ single_quarter(item) }} as {{ item }}_quarter,
        {{ trailing_year(item) }} as {{ item }}_ttm
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
