{#-
  Age that the universe asks of a share in `sessions` or `months`: the rule set's own, or the one
  age in sessions that the experiment states for all of them.
-#}
{% macro listing_age(unit) -%}
    {%- set stated = var('minimum_listed_sessions') -%}
    {%- if stated is none -%}
        minimum_listed_{{ unit }}
    {%- else -%}
        {{ stated if unit == 'sessions' else 0 }}
    {%- endif -%}
{%- endmacro %}
