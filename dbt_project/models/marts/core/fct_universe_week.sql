with

judged as (
    select * from {{ ref('int_universe__judged') }}
),

final as (
    select
        rule_set,
        symbol,
        week_date,
        exclusion_rule is null as in_universe,
        exclusion_rule,
        case exclusion_rule
            when 'recently_listed'
                then concat(
                    'list_date = ', cast(list_date as {{ dbt.type_string() }}),
                    ', sessions_since_listing = ',
                    cast(sessions_since_listing as {{ dbt.type_string() }})
                )
            when 'special_treatment' then 'is_st = true'
            when 'suspended' then 'is_suspended = true'
            when 'industry_unknown' then 'industry_code = null'
            when 'cap_unknown' then 'neutralisation_cap_cny = null'
            when 'outside_index' then 'index = {{ var("universe_index") }}'
            when 'suspended_next_session' then 'fwd_is_suspended = true'
        end as exclusion_value,
        list_date,
        sessions_since_listing,
        industry_code,
        neutralisation_cap_cny,
        circulating_cap_cny,
        is_suspended,
        is_st,
        is_st_unknown,
        fwd_is_suspended,
        uses_future,
        case
            when uses_future
                then coalesce(
                    next_session_date,
                    cast({{ dbt.dateadd('day', 1, 'week_date') }} as date)
                )
            else week_date
        end as known_at
    from judged
)

select * from final
