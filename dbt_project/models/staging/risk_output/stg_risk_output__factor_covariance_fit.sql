with

source as (
    select * from {{ source('risk_output', 'factor_covariance_fit') }}
),

renamed as (
    select
        cast(week_date as date) as week_date,
        cast(factor_count as bigint) as factor_count,
        cast(session_count as bigint) as session_count,
        cast(smallest_eigenvalue as double) as smallest_eigenvalue,
        cast(largest_eigenvalue as double) as largest_eigenvalue,
        cast(factor_multiplier as double) as factor_multiplier,
        cast(specific_multiplier as double) as specific_multiplier
    from source
)

select * from renamed
