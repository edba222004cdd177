{#- Slope of a factor on ln(cap) within industries, from the sum of products and that of squares. A
    mean square of the centred ln(cap) up to 1e-18 (caps equal to a billionth) counts as zero:
    nothing to regress on. Under `practitioner` the size family is only demeaned by industry:
    neutralised on itself it would be noise. -#}
{% macro neutral_slopes(names) -%}
    {%- for name in names -%}
        case
            {% if name in size_family() -%}
                when rule_set = 'practitioner' then 0
            {% endif -%}
            when log_cap_square_sum > 1e-18 * stock_count
                then {{ name }}_product_sum / log_cap_square_sum
            else 0
        end as {{ name }}_slope
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Factors that are functions of market capitalisation. -#}
{% macro size_family() -%}
    {{ return(['log_total_cap', 'log_float_cap', 'nonlinear_size']) }}
{%- endmacro %}

{#- For `for_each`: whether sums around the median are too coarse for the residuals, because those are
    less than about 1/300 of the distances from it. Caps neutralised on themselves are, and
    factors that hardly vary within industries. -#}
{% macro is_cancelled(relation='') -%}
    {{ relation }}{}_residual_square_sum <= 1e-5 * {{ relation }}{}_distance_square_sum
            and {{ relation }}{}_distance_square_sum > 0
{%- endmacro %}
