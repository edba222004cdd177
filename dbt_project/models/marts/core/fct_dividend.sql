with

dividends as (
    select * from {{ ref('stg_landing__dividends') }}
),

final as (
    select
        symbol,
        ex_date,
        announce_date,
        cash_per_share as cash_per_share_cny,
        bonus_shares_per_share,
        coalesce(announce_date, ex_date) as known_at
    from dividends
)

select * from final
