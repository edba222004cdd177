with

source as (
    select * from {{ source('research_output', 'factor_rank_ic_week') }}
),

renamed as (
    select
        cast(rule_set as varchar) as rule_set,
        cast(factor as varchar) as factor,
        cast(stage as varchar) as stage,
        cast(horizon_weeks as integer) as horizon_weeks,
        cast(week_date as date) as week_date,
        cast(rank_ic as double) as rank_ic,
        cast(stock_count as bigint) as stock_count
    from source
)

select * from renamed
