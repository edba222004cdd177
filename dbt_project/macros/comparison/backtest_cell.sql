{#- The measure of a back-test that a cell of the study's tables 10 and 14 shows. -#}
{% macro backtest_cell(measure, backtests) -%}
    case {{ measure }}
            when 'annualised_return' then {{ backtests }}.annualised_return
            when 'annualised_alpha_return' then {{ backtests }}.annualised_alpha_return
            when 'sharpe_ratio' then {{ backtests }}.sharpe_ratio
            when 'max_drawdown' then {{ backtests }}.max_drawdown
        end
{%- endmacro %}
