{#- Number under a key of a JSON object held as text; NULL where the key is absent or no number.
    The key is an expression. -#}
{% macro json_number(document, key) -%}
    {{ return(adapter.dispatch('json_number', 'ashare')(document, key)) }}
{%- endmacro %}

{% macro default__json_number(document, key) -%}
    try_cast(json_extract_string({{ document }}, concat('$.', {{ key }})) as double)
{%- endmacro %}

{% macro spark__json_number(document, key) -%}
    try_cast(get_json_object({{ document }}, concat('$.', {{ key }})) as double)
{%- endmacro %}
