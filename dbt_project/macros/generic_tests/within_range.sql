{#- Rows whose value lies outside [minimum, maximum]; either end may be left out. -#}
{% test within_range(model, column_name, minimum=none, maximum=none) %}

{%- if minimum is none and maximum is none -%}
    {{ exceptions.raise_compiler_error("within_range needs a minimum, a maximum or both") }}
{%- endif %}

select *
from {{ model }}
where
    false
    {% if minimum is not none %}or {{ column_name }} < {{ minimum }}{% endif %}
    {% if maximum is not none %}or {{ column_name }} > {{ maximum }}{% endif %}

{% endtest %}
