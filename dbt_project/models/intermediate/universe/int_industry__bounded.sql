with

industry_history as (
    select * from {{ ref('stg_landing__industry_history') }}
    where industry_scheme = '{{ var("industry_scheme") }}'
),

-- A span ends where the next one begins, even if its own end was never written down.
final as (
    select
        symbol,
        industry_code,
        in_date,
        least(
            coalesce(out_date, cast('9999-12-31' as date)),
            coalesce(
                lead(in_date) over (partition by symbol order by in_date),
                cast('9999-12-31' as date)
            )
        ) as until_date
    from industry_history
)

select * from final
