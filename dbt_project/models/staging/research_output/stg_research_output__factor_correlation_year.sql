with

source as (
    select * from {{ source('research_output', 'factor_correlation_year') }}
),

renamed as (
    select
        cast(rule_set as varchar) as rule_set,
        cast(trade_year as integer) as trade_year,
        cast(factor as varchar) as factor,
        cast(other_factor as varchar) as other_factor,
        cast(mean_correlation as double) as mean_correlation,
        cast(week_count as bigint) as week_count,
        cast(last_week_date as date) as last_week_date
    from source
)

select * from renamed
