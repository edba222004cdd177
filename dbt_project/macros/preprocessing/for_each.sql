{#- The template once per name, `{}` replaced by the name: one expression written for all columns of
    a wide table. -#}
{% macro for_each(names, template, separator=',\n        ') -%}
    {%- for name in names -%}
        {{ template.replace('{}', name) }}{{ separator if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
