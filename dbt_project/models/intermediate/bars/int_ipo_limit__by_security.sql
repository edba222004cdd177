with

listings as (
    select * from {{ ref('int_security__listed') }}
),

ipo_limit_rules as (
    select * from {{ ref('ipo_limit_rule') }}
),

final as (
    select
        listings.symbol,
        ipo_limit_rules.unlimited_sessions,
        ipo_limit_rules.first_session_up_rate,
        ipo_limit_rules.first_session_down_rate
    from listings
    inner join ipo_limit_rules
        on
            listings.board = ipo_limit_rules.board
            and {{ in_force('ipo_limit_rules', 'listings.list_date') }}
)

select * from final
