with

observed as (
    select * from {{ ref('int_security_week__observed') }}
),

index_members as (
    select * from {{ ref('int_index_member__weekly') }}
    where index_symbol = '{{ var("universe_index") }}'
),

rules as (
    select * from {{ ref('int_universe_rule__chosen') }}
),

-- The first rule that fails names the row. Whatever is known on week_date is asked first; the
-- rule that needs the next session comes last, so that it marks only rows it could decide.
known_rules as (
    select
        rules.rule_set,
        rules.suspension_judged_on,
        observed.*,
        case
            when
                observed.sessions_since_listing < rules.minimum_listed_sessions
                or observed.week_date
                < {{ dbt.dateadd('month', 'rules.minimum_listed_months', 'observed.list_date') }}
                then 'recently_listed'
            when observed.is_st then 'special_treatment'
            when rules.suspension_judged_on = 'week_date' and observed.is_suspended
                then 'suspended'
            when observed.industry_code is null then 'industry_unknown'
            when observed.neutralisation_cap_cny is null then 'cap_unknown'
            when '{{ var("universe_index") }}' <> '' and index_members.symbol is null
                then 'outside_index'
        end as known_exclusion
    from observed
    cross join rules
    left join index_members
        on
            observed.symbol = index_members.symbol
            and observed.week_date = index_members.week_date
),

-- A row that reaches the last rule waits for the next session, also where that is not in the data.
judged as (
    select
        *,
        suspension_judged_on = 'next_session' and known_exclusion is null as uses_future
    from known_rules
),

final as (
    select
        *,
        case
            when uses_future and fwd_is_suspended then 'suspended_next_session'
            else known_exclusion
        end as exclusion_rule
    from judged
)

select * from final
