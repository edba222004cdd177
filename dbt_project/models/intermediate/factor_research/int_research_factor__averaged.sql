with

autocorrelations as (
    select * from {{ ref('stg_research_output__factor_autocorrelation_week') }}
),

coverage as (
    select * from {{ ref('fct_factor_coverage') }}
),

trade_dates as (
    select * from {{ ref('dim_trade_date') }}
    where is_in_data
),

year_ends as (
    select
        cast(extract(year from trade_date) as integer) as as_of_year,
        max(trade_date) as as_of_date
    from trade_dates
    group by extract(year from trade_date)
),

final as (
    select
        autocorrelations.rule_set,
        autocorrelations.factor,
        autocorrelations.stage,
        year_ends.as_of_year,
        avg(coverage.share_present) as mean_share_present,
        avg(autocorrelations.rank_autocorrelation) as rank_autocorrelation
    from autocorrelations
    inner join coverage
        on
            autocorrelations.rule_set = coverage.rule_set
            and autocorrelations.factor = coverage.factor
            and autocorrelations.week_date = coverage.week_date
    inner join year_ends on coverage.known_at <= year_ends.as_of_date
    group by
        autocorrelations.rule_set, autocorrelations.factor, autocorrelations.stage,
        year_ends.as_of_year
)

select * from final
