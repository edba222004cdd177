{#- Sample deviation of the residuals, for `for_each`; NULL where it counts as zero: up to 1e-9 of the
    deviation of the filled factor, or 1e-12. -#}
{% macro residual_deviation() -%}
    case
            when
                stddev_samp({}) > 1e-12
                and stddev_samp({}) > 1e-9 * max({}_filled_deviation)
                then stddev_samp({})
        end
{%- endmacro %}
