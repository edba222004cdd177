{#- A template for `for_each`: the value clipped at three robust deviations (1.4826 times the median
    absolute deviation) from the week's median; not clipped where that deviation is zero. -#}
{% macro winsorised(relation, median_relation, deviation_relation) -%}
    case
            when {{ deviation_relation }}.{}_spread > 0
                then
                    least(
                        greatest(
                            {{ relation }}.{},
                            {{ median_relation }}.{}_median
                            - 3 * 1.4826 * {{ deviation_relation }}.{}_spread
                        ),
                        {{ median_relation }}.{}_median
                        + 3 * 1.4826 * {{ deviation_relation }}.{}_spread
                    )
            else {{ relation }}.{}
        end
{%- endmacro %}
