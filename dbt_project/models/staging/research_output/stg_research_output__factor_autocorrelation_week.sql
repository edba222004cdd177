with

source as (
    select * from {{ source('research_output', 'factor_autocorrelation_week') }}
),

renamed as (
    select
        cast(rule_set as varchar) as rule_set,
        cast(factor as varchar) as factor,
        cast(stage as varchar) as stage,
        cast(week_date as date) as week_date,
        cast(rank_autocorrelation as double) as rank_autocorrelation
    from source
)

select * from renamed
