{#- n! as a double, for n up to 8; NULL otherwise. -#}
{% macro factorial(n) -%}
    (
        case {{ n }}
            when 0 then 1.0 when 1 then 1.0 when 2 then 2.0 when 3 then 6.0 when 4 then 24.0
            when 5 then 120.0 when 6 then 720.0 when 7 then 5040.0 when 8 then 40320.0
        end
    )
{%- endmacro %}
