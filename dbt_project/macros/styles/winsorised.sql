{#- A template for `for_each`: the value clipped at three robust deviations (1.4826 times the median
    absolute deviation) from the week's median; not clipped where that deviation is zero. -#}
{% macro winsorised(relation, median_relation, deviation_relation) -%}
    {%- set value = relation ~ '.{}' -%}
    {%- set median = median_relation ~ '.{}_median' -%}
    {%- set reach = '3 * 1.4826 * ' ~ deviation_relation ~ '.{}_spread' -%}
    case
            when not {{ deviation_relation }}.{}_spread > 0 then {{ value }}
            when {{ value }} < {{ median }} - {{ reach }} then {{ median }} - {{ reach }}
            when {{ value }} > {{ median }} + {{ reach }} then {{ median }} + {{ reach }}
            else {{ value }}
        end
{%- endmacro %}
