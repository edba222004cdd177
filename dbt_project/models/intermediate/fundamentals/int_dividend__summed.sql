with

dividends as (
    select * from {{ ref('stg_landing__dividends') }}
),

-- New shares for old: how many shares of today one share before the first distribution has become.
final as (
    select
        symbol,
        ex_date,
        coalesce(announce_date, ex_date) as known_at,
        cash_per_share,
        sum(ln(1 + bonus_shares_per_share)) over through_this as log_share_growth,
        sum(ln(1 + bonus_shares_per_share)) over through_this - ln(1 + bonus_shares_per_share)
            as log_share_growth_before
    from dividends
    window through_this as (partition by symbol order by ex_date)
)

select * from final
