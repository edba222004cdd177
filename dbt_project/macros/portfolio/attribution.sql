{#- What explains the return of a holding: expressions over aliases `held` (weight, return_1d),
    `exposures` (the styles, NULL where unknown) and `factors` (a row of int_factor_day__widened).
    A missing exposure or factor return earns nothing; what is left is the share's own. -#}
{% macro attributed_styles() -%}
    {{ return(style_definitions().keys() | list) }}
{%- endmacro %}

{% macro widened_factor_returns() -%}
    {%- for style in attributed_styles() %}
        max(case when factor = '{{ style }}' then factor_return end) as {{ style }},
    {%- endfor %}
        max(case when factor = 'market' then factor_return end) as market
{%- endmacro %}

{% macro style_effect(style) -%}
    coalesce(exposures.{{ style }} * factors.{{ style }}, 0.0)
{%- endmacro %}

{% macro explained_sums() -%}
    sum(held.weight) as weight,
        sum(held.weight * held.return_1d) as held_return,
        sum(held.weight * coalesce(factors.market, 0.0)) as market_return,
    {%- for style in attributed_styles() %}
        sum(held.weight * {{ style_effect(style) }}) as {{ style }}_return,
    {%- endfor %}
        sum(held.weight * coalesce(industries.factor_return, 0.0)) as industry_return,
        sum(held.weight * (
            held.return_1d
            - coalesce(factors.market, 0.0)
            - coalesce(industries.factor_return, 0.0)
    {%- for style in attributed_styles() %}
            - {{ style_effect(style) }}
    {%- endfor %}
        )) as specific_return
{%- endmacro %}

{#- One row per key of the holdings and session: select over the CTEs `held`, `factors`, `exposures`,
    `members` (industry of a share by week) and `factor_returns`. Exposure and industry are those of
    the week before the session. -#}
{% macro explained_holdings(key) -%}
    select
        held.{{ key }},
        held.trade_date,
        {{ explained_sums() }}
    from held
    inner join factors on held.trade_date = factors.trade_date
    left join exposures
        on
            held.symbol = exposures.symbol
            and factors.exposure_week_date = exposures.week_date
    left join members
        on held.symbol = members.symbol and factors.exposure_week_date = members.week_date
    left join factor_returns as industries
        on
            held.trade_date = industries.trade_date
            and members.industry_code = industries.factor
            and industries.factor_kind = 'industry'
    group by held.{{ key }}, held.trade_date
{%- endmacro %}

{#- Portfolio less index, column by column; nothing held earns nothing. -#}
{% macro active_style_returns(portfolio, index) -%}
    {%- for style in attributed_styles() %}
        coalesce({{ portfolio }}.{{ style }}_return, 0.0) - {{ index }}.{{ style }}_return
            as {{ style }}_return{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Parts of a session's return that are not the benchmark's, in the order of the public table. -#}
{% macro attribution_components() -%}
    {% set styles = [] -%}
    {%- for style in attributed_styles() %}{% do styles.append(style ~ '_return') %}{% endfor -%}
    {{ return(
        ['index_basis_return', 'cash_return']
        + styles
        + ['industry_return', 'specific_return', 'trading_return', 'corporate_action_return']
        + ['stamp_duty_return', 'transfer_fee_return', 'commission_return', 'slippage_return']
        + ['impact_return', 'unexplained_return']
    ) }}
{%- endmacro %}

{% macro sum_of_components() -%}
    benchmark_return_1d + {{ attribution_components() | join('\n            + ') }}
{%- endmacro %}

{% macro component_columns() -%}
    {{ attribution_components() | join(',\n        ') }}
{%- endmacro %}

{#- One row per component: each return times the value it was earned on, over the value at the
    start of the period, so that parts of many sessions add up. A session without an explanation has
    NULL parts, which count as nothing, and its return as unexplained. -#}
{% macro linked_components(relation) -%}
    {%- for component in ['benchmark_return_1d'] + attribution_components() + ['residual'] %}
    select
        scenario_id,
        attribution_period,
        '{{ component | replace('_return_1d', '') | replace('_return', '') }}' as component,
        sum({{ component }} * previous_nav / start_nav) as contribution,
        count(*) as session_count,
        cast(
            sum(case when residual is null then 1 else 0 end) as bigint
        ) as unexplained_session_count,
        max(trade_date) as known_at
    from {{ relation }}
    group by scenario_id, attribution_period
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
