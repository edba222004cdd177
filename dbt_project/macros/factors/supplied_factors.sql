{#- The factors that the user supplies, as columns after others; nothing where there are none. -#}
{% macro supplied_columns() -%}
    {%- for name in var('supplied_factors') -%}
        {{ ',\n        ' }}{{ name }}
    {%- endfor -%}
{%- endmacro %}

{#- The relation `supplied_factors` joined to the rows of `rows`, where the experiment uses it. A value
    counts in its own week alone. -#}
{% macro join_supplied_factors(rows) -%}
    {%- if var('supplied_factors') -%}
        left join {{ ref('int_factor__supplied') }} as supplied_factors
        on
            {{ rows }}.symbol = supplied_factors.symbol
            and {{ rows }}.week_date = supplied_factors.week_date
    {%- endif -%}
{%- endmacro %}
