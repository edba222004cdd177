{#- Items of the statements. Flows accumulate since 1 January, balances hold at the period end;
    given ratios come ready-made from financial_indicators, as fractions. -#}
{% macro flow_items() -%}
    {{ return([
        'revenue', 'operating_cost', 'operating_profit', 'net_profit', 'parent_net_profit',
        'deducted_net_profit', 'operating_cash_flow', 'capital_expenditure', 'financial_expense',
    ]) }}
{%- endmacro %}

{% macro balance_items() -%}
    {{ return([
        'total_assets', 'total_liabilities', 'current_assets', 'current_liabilities',
        'non_current_liabilities', 'cash_and_equivalents', 'inventory', 'accounts_receivable',
        'interest_bearing_debt', 'long_term_debt', 'shareholders_equity',
    ]) }}
{%- endmacro %}

{% macro given_ratios() -%}
    {{ return([
        'given_current_ratio', 'given_cash_ratio', 'given_debt_to_assets',
        'given_total_assets_yoy', 'given_equity_yoy',
    ]) }}
{%- endmacro %}

{#- Items in yuan that financial_indicators give or that follow from them exactly but for rounding,
    by item. Profit and revenue are cumulative and in million yuan. Return on equity is profit over
    the equity at the period end; it is rounded to a hundredth of a percent, so below one percent
    it no longer gives the equity. -#}
{% macro indicated_items() -%}
    {{ return({
        'revenue': '1e6 * business_income',
        'operating_cost': '1e6 * business_income * (1 - gross_profit_rate / 100)',
        'parent_net_profit': '1e6 * net_profits',
        'operating_cash_flow': '1e6 * business_income * cf_sales',
        'shareholders_equity':
            '1e6 * net_profits / case when abs(roe) >= 1 then roe / 100 end',
    }) }}
{%- endmacro %}

{#- Every item as a column of int_statement__gathered, from a row of financial_indicators. -#}
{% macro indicated_columns() -%}
    {%- for item in flow_items() + balance_items() -%}
        cast({{ indicated_items().get(item, 'null') }} as double) as {{ item }}
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
