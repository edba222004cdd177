{#- Barra scaling over the rows of a week's universe: cap-weighted mean 0, equal-weighted sample
    deviation 1.

    style_scale: columns `<name>_mean`, `<name>_deviation`, aggregates over a relation with
    `cap_cny`; standardised_style: the value scaled with them, read from `scale_relation`. -#}
{% macro style_scale(names) -%}
    {%- set weighted_mean = safe_divide(
        'sum(cap_cny * {})', 'sum(case when {} is not null then cap_cny end)') -%}
    {{ for_each(
        names, weighted_mean ~ ' as {}_mean,\n        stddev_samp({}) as {}_deviation'
    ) }}
{%- endmacro %}

{% macro standardised_style(relation, scale_relation) -%}
    {{ safe_divide(
        relation ~ '.{} - ' ~ scale_relation ~ '.{}_mean',
        'case when ' ~ scale_relation ~ '.{}_deviation > 1e-12 then '
        ~ scale_relation ~ '.{}_deviation end') }}
{%- endmacro %}
