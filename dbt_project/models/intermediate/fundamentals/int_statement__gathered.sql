with

statements as (
    select * from {{ ref('stg_landing__financial_statements') }}
    where announce_date is not null
),

indicators as (
    select * from {{ ref('stg_landing__financial_indicators') }}
    where announce_date is not null
),

-- Ready-made figures serve until a statement of the same period is public.
indicated as (
    select indicators.*
    from indicators
    left join statements
        on
            indicators.symbol = statements.symbol
            and indicators.report_period = statements.report_period
            and indicators.announce_date >= statements.announce_date
    where statements.symbol is null
),

final as (
    select
        symbol,
        report_period,
        announce_date,
        'statements' as source_table,
        {{ for_each(flow_items() + balance_items(), '{}') }},
        {{ for_each(given_ratios(), 'cast(null as double) as {}') }}
    from statements
    union all
    select
        symbol,
        report_period,
        announce_date,
        'indicators' as source_table,
        {{ indicated_columns() }},
        currentratio as given_current_ratio,
        cashratio / 100 as given_cash_ratio,
        adratio / 100 as given_debt_to_assets,
        targ / 100 as given_total_assets_yoy,
        seg / 100 as given_equity_yoy
    from indicated
)

select * from final
