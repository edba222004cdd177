{#- One row if the share of rows for which `condition` is true leaves [minimum, maximum]. -#}
{% test share_between(model, condition, minimum, maximum) %}

with

counted as (
    select
        count(*) as row_count,
        sum(case when {{ condition }} then 1 else 0 end) as true_count
    from {{ model }}
)

select * from counted
where
    true_count < {{ minimum }} * row_count
    or true_count > {{ maximum }} * row_count

{% endtest %}
