with

weights as (
    select * from {{ ref('fct_index_weight_week') }}
    where {{ in_stale_weeks('week_date') }}
),

styles as (
    select * from {{ ref('fct_style_exposure') }}
    where {{ in_stale_weeks('week_date') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner' and {{ in_stale_weeks('week_date') }}
),

long_styles as (
    {{ for_each(
        computed_styles(),
        "select symbol, week_date, '{}' as exposure_name, {} as exposure from styles",
        '\n    union all\n    ') }}
),

style_exposures as (
    select
        weights.index_symbol,
        weights.week_date,
        'style' as exposure_kind,
        long_styles.exposure_name,
        sum(weights.weight * long_styles.exposure) as exposure,
        sum(weights.weight) as weight_covered
    from weights
    inner join long_styles
        on
            weights.symbol = long_styles.symbol
            and weights.week_date = long_styles.week_date
    group by weights.index_symbol, weights.week_date, long_styles.exposure_name
),

-- A constituent without industry that week has a place of its own, so that industries sum to 1.
industry_exposures as (
    select
        weights.index_symbol,
        weights.week_date,
        'industry' as exposure_kind,
        coalesce(universe.industry_code, 'unknown') as exposure_name,
        sum(weights.weight) as exposure,
        sum(weights.weight) as weight_covered
    from weights
    left join universe
        on
            weights.symbol = universe.symbol
            and weights.week_date = universe.week_date
    group by
        weights.index_symbol, weights.week_date, coalesce(universe.industry_code, 'unknown')
),

gathered as (
    select * from style_exposures
    union all
    select * from industry_exposures
),

final as (
    select
        index_symbol,
        week_date,
        exposure_kind,
        exposure_name,
        exposure,
        weight_covered,
        week_date as known_at
    from gathered
)

select * from final
