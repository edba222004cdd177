{#- Values without a partner in `field` of the relation `to`; NULL has no partner to look for. -#}
{% test foreign_key_in(model, column_name, to, field) %}

with

orphans as (
    select distinct child.{{ column_name }}
    from {{ model }} as child
    left join {{ to }} as parent on child.{{ column_name }} = parent.{{ field }}
    where
        child.{{ column_name }} is not null
        and parent.{{ field }} is null
)

select * from orphans

{% endtest %}
