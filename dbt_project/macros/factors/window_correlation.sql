{#- Correlation of y and x over a named window, from centred sums.

    correlation_sums: columns `<name>_sxx`, `_syy`, `_sxy`;
    correlation_from: the correlation; NULL where either side did not vary by more than 1e-10 of
    its size. `y_size` and `x_size` are expressions for the order of magnitude of the two. -#}
{% macro correlation_sums(y, x, window_name, name) -%}
    regr_sxx({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_sxx,
    regr_syy({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_syy,
    regr_sxy({{ y }}, {{ x }}) over {{ window_name }} as {{ name }}_sxy
{%- endmacro %}

{% macro correlation_from(name, y_size='1', x_size='1') -%}
    case
        when
            {{ name }}_sxx > power(1e-10 * {{ x_size }}, 2)
            and {{ name }}_syy > power(1e-10 * {{ y_size }}, 2)
            then {{ name }}_sxy / (sqrt({{ name }}_sxx) * sqrt({{ name }}_syy))
    end
{%- endmacro %}
