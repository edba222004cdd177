{#- Range of the cumulative log returns of the last 1, 2, ... 12 months of 21 sessions: the returns
    share their end, so it is the range of the log closes 21, 42, ... 252 sessions ago. Months
    before the listing are left out (`greatest` and `least` skip NULL); NULL where fewer than six
    remain. `monthly_closes` names the columns `monthly_range` reads. -#}
{% macro monthly_closes() -%}
    {%- for month in range(1, 13) -%}
        lag(adj_close, {{ 21 * month }}) over sessions as adj_close_{{ month }}_months_ago
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro monthly_range() -%}
    {%- set closes = [] -%}
    {%- for month in range(1, 13) -%}
        {%- do closes.append('adj_close_' ~ month ~ '_months_ago') -%}
    {%- endfor -%}
    case
        when adj_close_6_months_ago is not null
            then ln(greatest({{ closes | join(', ') }}) / least({{ closes | join(', ') }}))
    end
{%- endmacro %}
