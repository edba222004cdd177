with

statements as (
    select * from {{ ref('int_statement__gathered') }}
),

numbered as (
    select
        *,
        {{ quarter_number('report_period') }} as quarter_number
    from statements
),

-- A version holds from its announcement to the next one of the same period.
final as (
    select
        *,
        {{ fiscal_quarter('quarter_number') }} as fiscal_quarter,
        coalesce(
            lead(announce_date) over (
                partition by symbol, quarter_number order by announce_date
            ),
            cast('9999-12-31' as date)
        ) as until_date
    from numbered
)

select * from final
