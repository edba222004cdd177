{#- Incremental strategy `replace_stale`: the stale rows go, what the model gives takes their place.
    `meta.replaces` says which rows those are: `weeks`, `label_weeks`, `weeks_since` or `sessions`.
    Without a stale window (dbt called by hand) the dates that the model gives are replaced:
    intermediates may still hold a part of the weeks only. -#}
{% macro get_incremental_replace_stale_sql(arg_dict) -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }}
    where {{ replaced_rows(config.require('meta').replaces, arg_dict['temp_relation']) }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{% macro replaced_rows(replaces, temp_relation) -%}
    {%- if replaces not in ['weeks', 'label_weeks', 'weeks_since', 'sessions'] -%}
        {{ exceptions.raise_compiler_error('unknown meta.replaces: ' ~ replaces) }}
    {%- endif -%}
    {%- set column = 'week_date' if replaces in ['weeks', 'label_weeks'] else 'trade_date' -%}
    {%- if not stale_window() -%}
        {{ column }} in (select {{ column }} from {{ temp_relation }})
    {%- elif replaces == 'weeks' -%}
        {{ in_stale_weeks(column) }}
    {%- elif replaces == 'label_weeks' -%}
        {{ in_label_weeks(column) }}
    {%- elif replaces == 'weeks_since' -%}
        {{ from_stale_weeks(column) }}
    {%- else -%}
        {{ in_stale_sessions(column) }}
    {%- endif -%}
{%- endmacro %}
