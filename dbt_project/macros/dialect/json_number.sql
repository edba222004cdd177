{#- Number under a key of a JSON object held as text; NULL where the key is absent or no number.
    The key is an expression. -#}
{% macro json_number(document, key) -%}
    try_cast({{ json_text(document, key) }} as double)
{%- endmacro %}
