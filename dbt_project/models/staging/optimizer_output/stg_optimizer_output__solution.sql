with

source as (
    select * from {{ source('optimizer_output', 'solution') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(rebalance_date as date) as rebalance_date,
        cast(objective as double) as objective,
        cast(status as varchar) as status,
        cast(relaxation_step as bigint) as relaxation_step,
        cast(primal_residual as double) as primal_residual,
        cast(dual_residual as double) as dual_residual,
        cast(gap as double) as gap,
        cast(candidate_count as bigint) as candidate_count,
        cast(seconds as double) as seconds
    from source
)

select * from renamed
