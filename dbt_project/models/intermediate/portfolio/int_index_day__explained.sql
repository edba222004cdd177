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
    select
        held.index_symbol,
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
    group by held.index_symbol, held.trade_date
)

select * from final
