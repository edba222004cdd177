{#- Return from `first` to `last` sessions ago, from the carried adjusted closes
    `adj_close_<n>_ago`; NULL where the stock was not listed `first` sessions ago or traded on
    fewer than half of the sessions between. Needs the counts `traded_<n>`. -#}
{% macro return_between(first, last=0) -%}
    {%- set end = 'adj_close' if last == 0 else 'adj_close_' ~ last ~ '_ago' -%}
    {%- set count = 'traded_' ~ first if last == 0
        else '(traded_' ~ first ~ ' - traded_' ~ last ~ ')' -%}
    {{ when_traded(
        first - last, safe_divide(end, 'adj_close_' ~ first ~ '_ago') ~ ' - 1', count
    ) }}
{%- endmacro %}
