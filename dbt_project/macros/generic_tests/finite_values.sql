{#- Rows whose value is neither NULL nor a finite number. -#}
{% test finite_values(model, column_name) %}

select *
from {{ model }}
where
    {{ column_name }} is not null
    and {{ finite(column_name) }} is null

{% endtest %}
