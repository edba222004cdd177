{#- Settings of a back-test, in the order of the public tables. -#}
{% macro backtest_settings(scenarios) -%}
    {{ qualified_columns(scenarios, [
        'run_id',
        'rule_set',
        'model',
        'benchmark',
        'benchmark_series',
        'barra_limit',
        'num_stock',
        'turnover_limit',
        'industry_limit',
        'cost_rate',
        'fee_schedule',
        'execution_policy',
        'adjustment',
        'switches',
        'capital_cny',
        'trading_delay_sessions',
        'is_variant',
        'risk_aversion',
        'tracking_error_limit'
    ]) }}
{%- endmacro %}

{#- Measures of a back-test, in the order of the public tables. -#}
{% macro backtest_measures(measured) -%}
    {{ qualified_columns(measured, [
        'first_session',
        'last_session',
        'session_count',
        'total_return',
        'benchmark_return',
        'annualised_return',
        'annualised_benchmark_return',
        'annualised_alpha_return',
        'annualised_volatility',
        'tracking_error',
        'sharpe_ratio',
        'information_ratio',
        'max_drawdown',
        'excess_max_drawdown',
        'annualised_turnover',
        'total_cost',
        'annualised_cost',
        'hit_rate',
        'mean_cash_weight',
        'mean_holding_count'
    ]) }}
{%- endmacro %}

{% macro qualified_columns(relation, columns) -%}
    {% for column in columns -%}
        {{ relation }}.{{ column }}{{ ',\n        ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
