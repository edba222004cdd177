{#- Bias-corrected sample skewness (G1) of an expression over a named window; NULL where the
    values do not vary. -#}
{% macro sample_skewness(expression, window_name) -%}
    {{ return(adapter.dispatch('sample_skewness', 'ashare')(expression, window_name)) }}
{%- endmacro %}

{% macro default__sample_skewness(expression, window_name) -%}
    skewness({{ expression }}) over {{ window_name }}
{%- endmacro %}

{% macro spark__sample_skewness(expression, window_name) -%}
    (
        skewness({{ expression }}) over {{ window_name }}
        * sqrt(
            count({{ expression }}) over {{ window_name }}
            * (count({{ expression }}) over {{ window_name }} - 1)
        )
        / nullif(count({{ expression }}) over {{ window_name }} - 2, 0)
    )
{%- endmacro %}
