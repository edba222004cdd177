{#- Correlation of y and x over a named window, from centred sums.

    correlation_sums: columns `<name>_sxx`, `_syy`, `_sxy` and the means that give their scale;
    correlation_from: the correlation; NULL where either side did not vary beyond rounding (a
    deviation below 1e-10 of the mean). -#}
{% macro correlation_sums(y, x, window_name, name) -%}
    regr_sxx({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_sxx,
    regr_syy({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_syy,
    regr_sxy({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_sxy,
    regr_count({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_count,
    regr_avgx({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_avgx,
    regr_avgy({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_avgy
{%- endmacro %}

{% macro correlation_from(name) -%}
    case
        when
            {{ name }}_sxx > 1e-20 * {{ name }}_count * power({{ name }}_avgx, 2)
            and {{ name }}_syy > 1e-20 * {{ name }}_count * power({{ name }}_avgy, 2)
            then {{ name }}_sxy / (sqrt({{ name }}_sxx) * sqrt({{ name }}_syy))
    end
{%- endmacro %}
