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
        {% if var('minimum_listed_sessions') is none -%}
            minimum_listed_sessions,
            minimum_listed_months
        {%- else -%}
            {{ var('minimum_listed_sessions') }} as minimum_listed_sessions,
            0 as minimum_listed_months
        {%- endif %}
    from rules
)

select * from final
