{#- Key of a model without its seed, `gru-mse-expanding` of `gru-mse-expanding-s777`; a key without
    one stays as it is. Both are expressions. -#}
{% macro model_family(model, seed) -%}
    case
        when concat({{ model }}, '-') like concat('%-s', cast({{ seed }} as {{ dbt.type_string() }}), '-')
            then
                replace(
                    concat({{ model }}, '-'),
                    concat('-s', cast({{ seed }} as {{ dbt.type_string() }}), '-'),
                    ''
                )
        else {{ model }}
    end
{%- endmacro %}
