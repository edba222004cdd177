{#- Groups whose values do not sum to one within `tolerance`. -#}
{% test sums_to_one(model, column_name, group_columns, tolerance=0.000000001) %}

with

summed as (
    select
        {{ group_columns | join(', ') }},
        sum({{ column_name }}) as total
    from {{ model }}
    group by {{ group_columns | join(', ') }}
)

select * from summed
where
    total is null
    or abs(total - 1) > {{ tolerance }}

{% endtest %}
