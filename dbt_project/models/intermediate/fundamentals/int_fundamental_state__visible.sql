with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

announcements as (
    select * from {{ ref('int_announcement__ordered') }}
),

seen as (
    select distinct
        symbol,
        state_date
    from weeks
    where state_date is not null
),

final as (
    select
        announcements.symbol,
        announcements.state_date,
        announcements.quarter_number
    from announcements
    inner join seen
        on
            announcements.symbol = seen.symbol
            and announcements.state_date = seen.state_date
)

select * from final
