{#- Sessions before a week end that any factor or style reads: momentum of the style reads 504 lagged
    by 21, and the return of the first of them one more. -#}
{% macro longest_look_back() -%}
    {{ return(526) }}
{%- endmacro %}
