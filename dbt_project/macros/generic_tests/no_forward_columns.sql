{#- Columns of the built relation that look ahead (they start with fwd_), but for those in `allowed`.
    The relation itself is asked, so a column that no YAML mentions is found as well. -#}
{% test no_forward_columns(model, allowed=[]) %}

{%- set found = [] -%}
{%- if execute -%}
    {%- for column in adapter.get_columns_in_relation(model) -%}
        {%- if column.name.lower().startswith('fwd_') and column.name.lower() not in allowed -%}
            {%- do found.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}

{%- if found -%}
    {%- for name in found %}
select '{{ name }}' as forward_column
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- else %}
select cast(null as {{ dbt.type_string() }}) as forward_column
where false
{%- endif %}

{% endtest %}
