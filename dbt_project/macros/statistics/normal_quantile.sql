{#- Quantile of the standard normal, relative error below 1.2e-9: the rational approximation of
    P. J. Acklam (2003). NULL outside (0, 1). The argument is an expression. -#}
{% macro normal_quantile(p) -%}
    case
        when {{ p }} <= 0 or {{ p }} >= 1 then null
        when {{ p }} < 0.02425 then {{ normal_quantile_tail('sqrt(-2 * ln(' ~ p ~ '))') }}
        when {{ p }} > 0.97575 then -({{ normal_quantile_tail('sqrt(-2 * ln(1 - (' ~ p ~ ')))') }})
        else
            {%- set q = '((' ~ p ~ ') - 0.5)' -%}
            {%- set r = '(' ~ q ~ ' * ' ~ q ~ ')' %}
            {{ q }} * {{ horner(r, [
                '-3.969683028665376e+01', '2.209460984245205e+02', '-2.759285104469687e+02',
                '1.383577518672690e+02', '-3.066479806614716e+01', '2.506628277459239e+00'
            ]) }} / {{ horner(r, [
                '-5.447609879822406e+01', '1.615858368580409e+02', '-1.556989798598866e+02',
                '6.680131188771972e+01', '-1.328068155288572e+01', '1.0'
            ]) }}
    end
{%- endmacro %}

{% macro normal_quantile_tail(q) -%}
    {{ horner(q, [
        '-7.784894002430293e-03', '-3.223964580411365e-01', '-2.400758277161838e+00',
        '-2.549732539343734e+00', '4.374664141464968e+00', '2.938163982698783e+00'
    ]) }} / {{ horner(q, [
        '7.784695709041462e-03', '3.224671290700398e-01', '2.445134137142996e+00',
        '3.754408661907416e+00', '1.0'
    ]) }}
{%- endmacro %}
