{#- The expression where at least half of the window's sessions were traded, else NULL.
    `traded_count` is the number of traded sessions in that window. -#}
{% macro when_traded(sessions, expression, traded_count=none) -%}
    case
        when 2 * {{ traded_count or 'traded_' ~ sessions }} >= {{ sessions }}
            then {{ expression }}
    end
{%- endmacro %}
