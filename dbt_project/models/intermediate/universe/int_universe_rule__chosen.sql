with

rules as (
    select * from {{ ref('universe_rule') }}
    where rule_set in ({{ built_rule_sets() }})
),

-- An experiment may state one age for every rule set.
final as (
    select
        rule_set,
        suspension_judged_on,
        {{ listing_age('sessions') }} as minimum_listed_sessions,
        {{ listing_age('months') }} as minimum_listed_months
    from rules
)

select * from final
