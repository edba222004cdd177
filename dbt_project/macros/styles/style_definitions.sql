{#- The ten styles: descriptors with their weights (Barra CNE5; weights are relative, those that need
    analyst forecasts are left out) and the styles each is made orthogonal to. Columns follow this
    order. `size_cube` is the cube of the standardised size; every other descriptor is a column of
    int_style_descriptor__measured. -#}
{% macro style_definitions() -%}
    {{ return({
        'beta': {'descriptors': {'market_slope': 1.0}, 'orthogonal_to': []},
        'momentum': {'descriptors': {'lagged_return': 1.0}, 'orthogonal_to': []},
        'size': {'descriptors': {'log_cap': 1.0}, 'orthogonal_to': []},
        'earnings_yield': {
            'descriptors': {'cash_earnings_to_price': 0.21, 'earnings_to_price': 0.11},
            'orthogonal_to': [],
        },
        'residual_volatility': {
            'descriptors': {
                'daily_deviation': 0.74, 'monthly_range': 0.16, 'residual_deviation': 0.10
            },
            'orthogonal_to': ['beta', 'size'],
        },
        'growth': {
            'descriptors': {'earnings_growth': 0.24, 'sales_growth': 0.47}, 'orthogonal_to': []
        },
        'book_to_price': {'descriptors': {'book_to_market': 1.0}, 'orthogonal_to': []},
        'leverage': {
            'descriptors': {
                'debt_to_market': 0.38, 'liabilities_to_assets': 0.35, 'debt_to_book': 0.27
            },
            'orthogonal_to': [],
        },
        'liquidity': {
            'descriptors': {
                'log_turnover_1m': 0.35, 'log_turnover_3m': 0.35, 'log_turnover_12m': 0.30
            },
            'orthogonal_to': ['size'],
        },
        'nonlinear_size': {'descriptors': {'size_cube': 1.0}, 'orthogonal_to': ['size']},
    }) }}
{%- endmacro %}

{% macro computed_styles() -%}
    {{ return(style_definitions().keys() | list) }}
{%- endmacro %}

{#- Descriptors measured in int_style_descriptor__measured. -#}
{% macro measured_descriptors() -%}
    {%- set names = [] -%}
    {%- for definition in style_definitions().values() -%}
        {%- for name in definition.descriptors if name != 'size_cube' -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{#- Styles that are residuals of a regression on other styles. -#}
{% macro orthogonal_styles() -%}
    {%- set names = [] -%}
    {%- for name, definition in style_definitions().items() if definition.orthogonal_to -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{#- Descriptors measured in int_style_descriptor__fundamental. -#}
{% macro fundamental_descriptors() -%}
    {%- set names = [] -%}
    {%- for style in ['earnings_yield', 'growth', 'book_to_price', 'leverage'] -%}
        {%- for name in style_definitions()[style].descriptors -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
