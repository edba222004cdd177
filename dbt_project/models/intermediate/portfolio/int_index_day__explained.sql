with

held as (
    select * from {{ ref('int_index_holding__by_session') }}
),

factors as (
    select * from {{ ref('int_factor_day__widened') }}
),

factor_returns as (
    select * from {{ ref('fct_factor_return') }}
),

exposures as (
    select * from {{ ref('fct_style_exposure') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
),

members as (
    select
        symbol,
        week_date,
        industry_code
    from universe
    where rule_set = 'practitioner'
),

final as (
    {{ explained_holdings('index_symbol') }}
)

select * from final
