with

quarters as (
    select * from {{ ref('fct_fundamental_quarter') }}
),

ranges as (
    select
        symbol,
        report_period,
        max(version_number) as version_count,
        min(known_at) as first_known_at
    from quarters
    group by symbol, report_period
),

final as (
    select
        quarters.symbol,
        quarters.report_period,
        ranges.version_count,
        quarters.fiscal_quarter,
        quarters.source_table,
        {{ for_each(
            flow_items(), 'quarters.{}_quarter_cny,\n        quarters.{}_ttm_cny') }},
        {{ for_each(balance_items(), 'quarters.{}_cny') }},
        {{ for_each(given_ratios(), 'quarters.{}') }},
        ranges.first_known_at,
        quarters.known_at
    from quarters
    inner join ranges
        on
            quarters.symbol = ranges.symbol
            and quarters.report_period = ranges.report_period
            and quarters.version_number = ranges.version_count
)

select * from final
