{#- Relative change (x - y) / |y|; NULL where y is zero. -#}
{% macro relative_change(x, y) -%}
    {{ safe_divide(x ~ ' - ' ~ y, 'abs(' ~ y ~ ')') }}
{%- endmacro %}

{#- Quotient whose denominator means something only where it is positive; NULL elsewhere. -#}
{% macro positive_divide(numerator, denominator) -%}
    {{ safe_divide(
        numerator, 'case when (' ~ denominator ~ ') > 0 then (' ~ denominator ~ ') end') }}
{%- endmacro %}

{#- Mean of a balance now and a quarter (`quarter_ago`) or a year (`year_ago`, `two_years_ago`) before. -#}
{% macro mean_balance(now, before) -%}
    (({{ now }} + {{ before }}) / 2)
{%- endmacro %}

{#- Ratios that occur in more than one factor, by the flow (`_quarter` or `_ttm`) they are made of. -#}
{% macro return_on_equity(profit, equity, equity_before) -%}
    {{ positive_divide(profit, mean_balance(equity, equity_before)) }}
{%- endmacro %}

{% macro gross_margin(revenue, operating_cost) -%}
    {{ positive_divide(revenue ~ ' - ' ~ operating_cost, revenue) }}
{%- endmacro %}
