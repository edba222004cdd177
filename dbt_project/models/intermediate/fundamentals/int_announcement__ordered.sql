with

statements as (
    select * from {{ ref('int_statement__versioned') }}
),

-- The latest period announced so far: a late restatement of an old one never pulls it back.
announced as (
    select
        symbol,
        announce_date,
        max(quarter_number) as quarter_number,
        max(report_period) as report_period
    from statements
    group by symbol, announce_date
),

final as (
    select
        symbol,
        announce_date as state_date,
        max(quarter_number) over so_far as quarter_number,
        max(report_period) over so_far as report_period
    from announced
    window so_far as (partition by symbol order by announce_date)
)

select * from final
