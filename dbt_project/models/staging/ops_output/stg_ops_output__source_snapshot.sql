with

source as (
    select * from {{ source('ops_output', 'source_snapshot') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(table_name as varchar) as table_name,
        cast(source as varchar) as source,
        cast(content_hash as varchar) as content_hash,
        cast(row_count as bigint) as row_count,
        cast(byte_count as bigint) as byte_count,
        cast(first_date as date) as first_date,
        cast(last_date as date) as last_date,
        cast(is_supplied as boolean) as is_supplied,
        cast(landed_at as timestamp) as landed_at
    from source
)

select * from renamed
