{#- A folder's schema is its name, in every target: analysts query `core.dim_week`, never
    `dev_core.dim_week`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
