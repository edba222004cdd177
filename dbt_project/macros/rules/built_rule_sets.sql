{#- The rule sets to build, as a list of SQL literals. `practitioner` is always among them: styles
    and the market return stand on its universe. -#}
{% macro built_rule_sets() -%}
    {%- set names = ['practitioner'] + (var('rule_sets') | list) -%}
    {%- for name in names | unique -%}
        '{{ name }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
