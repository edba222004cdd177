{#- Bias-corrected sample excess kurtosis (G2) of an expression over a named window; NULL where the
    values do not vary. -#}
{% macro sample_kurtosis(expression, window_name) -%}
    {{ return(adapter.dispatch('sample_kurtosis', 'ashare')(expression, window_name)) }}
{%- endmacro %}

{% macro default__sample_kurtosis(expression, window_name) -%}
    kurtosis({{ expression }}) over {{ window_name }}
{%- endmacro %}

{% macro spark__sample_kurtosis(expression, window_name) -%}
    {%- set n = 'count(' ~ expression ~ ') over ' ~ window_name -%}
    (
        ({{ n }} - 1)
        * (({{ n }} + 1) * kurtosis({{ expression }}) over {{ window_name }} + 6)
        / nullif(({{ n }} - 2) * ({{ n }} - 3), 0)
    )
{%- endmacro %}
