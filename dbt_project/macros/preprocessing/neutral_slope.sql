{#- Slope of a factor on ln(cap) within industries, from the sums of step 3. A mean square of the
    centred ln(cap) up to 1e-18 (caps equal to a billionth) counts as zero: nothing to regress on.
    Under `practitioner` the size family is only demeaned by industry: neutralised on itself it
    would be noise. -#}
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
