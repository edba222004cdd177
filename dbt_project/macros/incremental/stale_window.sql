{#- What an incremental build replaces, as the command line found it by comparing the landing tables
    with those of the last complete build (environment variable ASHARE_STALE, JSON; empty: a full
    build). Keys: sessions_from, sessions_until, previous_session (the one before sessions_from),
    weeks_from, weeks_until, first_session_number, last_session_number (of the first and the last
    stale week_date), label_weeks_from (labels read ahead, so that older ones are stale too).
    dbt parses again whatever asked for a variable that changed while it was parsed; no model's
    place in the graph depends on the window, so that it is read when statements are made. -#}
{% macro stale_window() -%}
    {%- set window = fromjson(env_var('ASHARE_STALE', '{}')) if execute else {} -%}
    {%- if execute and window and model is defined
        and model.config.materialized == 'incremental' and not is_incremental() -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ' does not exist yet or is to be rebuilt, and ASHARE_STALE asks for a part'
            ~ ' of it; build in full, with ASHARE_STALE unset') }}
    {%- endif -%}
    {{ return(window) }}
{%- endmacro %}

{#- Whether a week is to be built: `true` in a full build. -#}
{% macro in_stale_weeks(column) -%}
    {%- set window = stale_window() -%}
    {%- if window -%}
        {{ column }} between cast('{{ window.weeks_from }}' as date)
        and cast('{{ window.weeks_until }}' as date)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Whether a date is that of a week that is to be built, or later. -#}
{% macro from_stale_weeks(column) -%}
    {%- set window = stale_window() -%}
    {%- if window -%}
        {{ column }} >= cast('{{ window.weeks_from }}' as date)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Whether the labels of a week, and the panel that holds them, are to be built. -#}
{% macro in_label_weeks(column) -%}
    {%- set window = stale_window() -%}
    {%- if window -%}
        {{ column }} between cast('{{ window.label_weeks_from }}' as date)
        and cast('{{ window.weeks_until }}' as date)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Whether labels that are to be built read a date, or are of it. -#}
{% macro from_label_weeks(column) -%}
    {%- set window = stale_window() -%}
    {%- if window -%}
        {{ column }} >= cast('{{ window.label_weeks_from }}' as date)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Whether the bars of a session are to be built. -#}
{% macro in_stale_sessions(column) -%}
    {%- set window = stale_window() -%}
    {%- if window -%}
        {{ column }} between cast('{{ window.sessions_from }}' as date)
        and cast('{{ window.sessions_until }}' as date)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Whether a session lies within `sessions` sessions before the stale weeks, or among them: what
    their rolling windows read. -#}
{% macro in_look_back(session_number, sessions) -%}
    {%- set window = stale_window() -%}
    {%- if window -%}
        {{ session_number }} between {{ window.first_session_number - sessions }}
        and {{ window.last_session_number }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
