{#- Columns `return_between` reads: the adjusted close `sessions` ago and the traded sessions since.
    Needs the windows `sessions` and `last_<sessions>`. -#}
{% macro return_columns(sessions) -%}
    lag(adj_close, {{ sessions }}) over sessions as adj_close_{{ sessions }}_ago,
    {{ traded_count(sessions) }}
{%- endmacro %}
