{#- Rows that share the values of the grain columns. -#}
{% test unique_grain(model, columns) %}

with

repeated as (
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
)

select * from repeated
where row_count > 1

{% endtest %}
