{#- Text under a key of a JSON object held as text; NULL where the key is absent. The key is an
    expression. -#}
{% macro json_text(document, key) -%}
    {{ return(adapter.dispatch('json_text', 'ashare')(document, key)) }}
{%- endmacro %}

{% macro default__json_text(document, key) -%}
    json_extract_string({{ document }}, concat('$.', {{ key }}))
{%- endmacro %}

{% macro spark__json_text(document, key) -%}
    get_json_object({{ document }}, concat('$.', {{ key }}))
{%- endmacro %}
