with

quarters as (
    select * from {{ ref('int_quarter__measured') }}
),

final as (
    select
        symbol,
        report_period,
        version_number,
        fiscal_quarter,
        source_table,
        {{ for_each(flow_items(), '{}_quarter as {}_quarter_cny,\n        {}_ttm as {}_ttm_cny') }},
        {{ for_each(balance_items(), '{} as {}_cny') }},
        {{ for_each(given_ratios(), '{}') }},
        known_at
    from quarters
)

select * from final
