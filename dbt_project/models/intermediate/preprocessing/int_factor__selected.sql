with

factors as (
    select * from {{ ref('int_factor__joined') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
    where
        in_universe
        and rule_set in ({{ panel_rule_sets() }})
        and {{ in_stale_weeks('week_date') }}
),

-- A cross-section is known when the last of its members is.
centred as (
    select
        rule_set,
        symbol,
        week_date,
        industry_code,
        uses_future,
        ln(neutralisation_cap_cny) - avg(ln(neutralisation_cap_cny)) over (
            partition by rule_set, week_date, industry_code
        ) as log_cap_centred,
        max(known_at) over (partition by rule_set, week_date) as known_at
    from universe
),

final as (
    select
        centred.rule_set,
        centred.symbol,
        centred.week_date,
        centred.industry_code,
        centred.log_cap_centred,
        {{ for_each(panel_factors(), 'factors.{}') }},
        centred.uses_future,
        centred.known_at
    from centred
    inner join factors
        on
            centred.symbol = factors.symbol
            and centred.week_date = factors.week_date
)

select * from final
