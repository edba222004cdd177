{#- One row if less than `minimum` of the rows carry a value in the column. An empty table passes:
    that it has rows is another test's business. -#}
{% test not_null_share(model, column_name, minimum) %}

with

counted as (
    select
        count(*) as row_count,
        count({{ column_name }}) as value_count
    from {{ model }}
)

select * from counted
where value_count < {{ minimum }} * row_count

{% endtest %}
