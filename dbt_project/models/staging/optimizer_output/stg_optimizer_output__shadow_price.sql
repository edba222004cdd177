with

source as (
    select * from {{ source('optimizer_output', 'shadow_price') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(rebalance_date as date) as rebalance_date,
        cast(constraint_name as varchar) as constraint_name,
        cast(constraint_group as varchar) as constraint_group,
        cast(dual as double) as dual,
        cast(slack as double) as slack,
        cast(is_active as boolean) as is_active,
        cast(relaxation_step as bigint) as relaxation_step,
        cast(violation as double) as violation
    from source
)

select * from renamed
