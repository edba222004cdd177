with

pairs as (
    select * from {{ ref('stg_research_output__factor_correlation_year') }}
),

coverage as (
    select * from {{ ref('fct_factor_coverage') }}
),

known as (
    select
        rule_set,
        week_date,
        max(known_at) as known_at
    from coverage
    group by rule_set, week_date
),

-- Each pair comes once; both directions make `where factor = ...` enough.
directed as (
    select
        rule_set,
        factor,
        other_factor,
        trade_year,
        mean_correlation,
        week_count,
        last_week_date
    from pairs

    union all

    select
        rule_set,
        other_factor as factor,
        factor as other_factor,
        trade_year,
        mean_correlation,
        week_count,
        last_week_date
    from pairs
),

final as (
    select
        directed.rule_set,
        directed.factor,
        directed.other_factor,
        directed.trade_year,
        directed.mean_correlation,
        directed.week_count,
        known.known_at
    from directed
    inner join known
        on
            directed.rule_set = known.rule_set
            and directed.last_week_date = known.week_date
)

select * from final
