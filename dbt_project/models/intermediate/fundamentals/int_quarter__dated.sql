with

statements as (
    select * from {{ ref('int_statement__versioned') }}
),

lags as (
    {{ for_each(lag_counts(0, 4), 'select {} as lag_count', '\n    union all\n    ') }}
),

firsts as (
    select
        symbol,
        quarter_number,
        min(announce_date) as first_announce_date
    from statements
    group by symbol, quarter_number
),

-- Flows of a quarter change with its own statement and with those they are differences to: the
-- quarter before, the last annual statement, the same quarter a year ago.
touched as (
    select
        firsts.symbol,
        firsts.quarter_number,
        statements.announce_date as known_at
    from statements
    cross join lags
    inner join firsts
        on
            statements.symbol = firsts.symbol
            and statements.quarter_number = firsts.quarter_number - lags.lag_count
            and statements.announce_date >= firsts.first_announce_date
    where
        lags.lag_count <= 1
        or (
            lags.lag_count in (2, 3)
            and {{ fiscal_quarter('firsts.quarter_number') }} = lags.lag_count
        )
        or (lags.lag_count = 4 and {{ fiscal_quarter('firsts.quarter_number') }} < 4)
    group by firsts.symbol, firsts.quarter_number, statements.announce_date
),

final as (
    select
        symbol,
        quarter_number,
        known_at,
        coalesce(
            lead(known_at) over (partition by symbol, quarter_number order by known_at),
            cast('9999-12-31' as date)
        ) as until_date,
        cast(row_number() over (
            partition by symbol, quarter_number order by known_at nulls last
        ) as integer) as version_number
    from touched
)

select * from final
