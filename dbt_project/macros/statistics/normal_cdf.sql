{#- Distribution function of the standard normal, to 1e-14: the rational approximation of J. F. Hart,
    Computer Approximations (1968), algorithm 5666. Beyond 37 deviations it is 0 or 1 in double.
    The argument is an expression; put a long one into a column first, it is written several times. -#}
{% macro normal_cdf(x) -%}
    case
        when {{ x }} is null then null
        when {{ x }} > 37 then 1.0
        when {{ x }} < -37 then 0.0
        when {{ x }} <= 0 then {{ normal_tail(x) }}
        else 1.0 - {{ normal_tail(x) }}
    end
{%- endmacro %}

{#- Probability of exceeding the absolute value of x. -#}
{% macro normal_tail(x) -%}
    {%- set z = 'abs(' ~ x ~ ')' -%}
    {%- set density = 'exp(-0.5 * ' ~ x ~ ' * ' ~ x ~ ')' -%}
    case
        when {{ z }} < 7.07106781186547
            then
                {{ density }} * {{ horner(z, [
                    '3.52624965998911e-2', '0.700383064443688', '6.37396220353165',
                    '33.912866078383', '112.079291497871', '221.213596169931', '220.206867912376'
                ]) }} / {{ horner(z, [
                    '8.83883476483184e-2', '1.75566716318264', '16.064177579207',
                    '86.7807322029461', '296.564248779674', '637.333633378831',
                    '793.826512519948', '440.413735824752'
                ]) }}
        else
            {{ density }} / 2.506628274631
            / ({{ z }} + 1.0 / ({{ z }} + 2.0 / ({{ z }} + 3.0 / ({{ z }} + 4.0 / ({{ z }} + 0.65)))))
    end
{%- endmacro %}

{#- Polynomial by Horner's rule, coefficients from the highest power down. -#}
{% macro horner(x, coefficients) -%}
    {%- set ns = namespace(text=coefficients[0]) -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set ns.text = '(' ~ ns.text ~ ' * ' ~ x ~ ' + ' ~ coefficient ~ ')' -%}
    {%- endfor -%}
    {{ ns.text }}
{%- endmacro %}
