with

source as (
    select * from {{ source('model_output', 'rank_ic_seasonality') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(month_count as bigint) as month_count,
        cast(first_month_start as date) as first_month_start,
        cast(last_month_start as date) as last_month_start,
        cast(explained_share as double) as explained_share,
        cast(p_value as double) as p_value,
        cast(permutation_count as bigint) as permutation_count,
        cast(seed as bigint) as seed
    from source
)

select * from renamed
