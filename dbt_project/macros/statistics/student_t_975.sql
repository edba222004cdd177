{#- Quantile .975 of Student's t, the bound of a two-sided test at 5 %, by degrees of freedom: printed
    values up to 9, above them the expansion of Fisher and Cornish (1960), error below 2e-4. NULL
    without a degree of freedom. The argument is an expression. -#}
{% macro student_t_975(degrees) -%}
    {%- set printed = [
        '12.706205', '4.302653', '3.182446', '2.776445', '2.570582', '2.446912', '2.364624',
        '2.306004', '2.262157'
    ] -%}
    case
        {%- for value in printed %}
        when {{ degrees }} = {{ loop.index }} then {{ value }}
        {%- endfor %}
        when {{ degrees }} > {{ printed | length }}
            then
                1.959963985 + 2.372271 / {{ degrees }}
                + 2.822499 / ({{ degrees }} * {{ degrees }})
                + 2.555850 / ({{ degrees }} * {{ degrees }} * {{ degrees }})
    end
{%- endmacro %}
