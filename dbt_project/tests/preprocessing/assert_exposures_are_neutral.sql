-- Exposures are orthogonal to ln(cap) within industries and average 0 in every industry; the size
-- family keeps its cap under `practitioner`.
with

exposures as (
    select * from {{ ref('fct_factor_exposure') }}
),

selected as (
    select
        rule_set,
        symbol,
        week_date,
        industry_code,
        log_cap_centred
    from {{ ref('int_factor__selected') }}
),

joined as (
    select
        exposures.*,
        selected.log_cap_centred,
        selected.industry_code
    from exposures
    inner join selected
        on
            exposures.rule_set = selected.rule_set
            and exposures.symbol = selected.symbol
            and exposures.week_date = selected.week_date
),

products as (
    select
        rule_set,
        week_date,
        count(*) as stock_count,
        stddev_pop(log_cap_centred) as cap_deviation,
        {{ for_each(
            panel_factors(),
            'avg(cast({} as double) * log_cap_centred) as {}_product') }}
    from joined
    group by rule_set, week_date
),

correlations as (
    {{ for_each(
        panel_factors(),
        "select rule_set, week_date, '{}' as factor, stock_count,"
        ~ ' ' ~ safe_divide('{}_product', 'cap_deviation') ~ ' as correlation from products',
        '\n    union all\n    ') }}
)

select * from correlations
where
    abs(correlation) > 1e-4
    and stock_count > 2
    and not (
        rule_set = 'practitioner'
        and factor in ('{{ size_family() | join("', '") }}')
    )
