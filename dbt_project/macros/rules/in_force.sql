{#- Whether a row of the rulebook holds on a day. -#}
{% macro in_force(rules, day) -%}
    {{ rules }}.valid_from <= {{ day }}
    and ({{ rules }}.valid_to is null or {{ rules }}.valid_to >= {{ day }})
{%- endmacro %}
