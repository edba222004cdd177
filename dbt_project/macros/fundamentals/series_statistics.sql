{#- Aggregates over the quarters of a company, `lag_count` quarters back; NULL unless every quarter
    that the definition names is there.

    relative_slope: least-squares slope per quarter over the mean absolute value;
    standardised_surprise: a change less the mean of the eight before it, over their deviation. -#}
{% macro relative_slope(item, condition, count) -%}
    {%- set value = 'case when ' ~ condition ~ ' then ' ~ item ~ ' end' -%}
    case
            when count({{ value }}) = {{ count }}
                then {{ safe_divide(
                    'regr_slope(' ~ value ~ ', -lag_count)', 'avg(abs(' ~ value ~ '))') }}
        end
{%- endmacro %}

{% macro standardised_surprise(item) -%}
    {%- set earlier = 'case when lag_count >= 1 then ' ~ item ~ ' end' -%}
    case
            when count({{ earlier }}) = 8
                then {{ safe_divide(
                    'max(case when lag_count = 0 then ' ~ item ~ ' end) - avg(' ~ earlier ~ ')',
                    'stddev_samp(' ~ earlier ~ ')') }}
        end
{%- endmacro %}
