{#- Columns block_1, block_2 ... of a combination as rows. -#}
{% macro stacked_blocks(relation, count) -%}
    {% for number in range(1, count + 1) -%}
        select
            combination,
            block_{{ number }} as block
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
