with

source_snapshots as (
    select * from {{ ref('stg_ops_output__source_snapshot') }}
),

final as (
    select
        run_id,
        table_name,
        source,
        content_hash,
        row_count,
        byte_count,
        first_date,
        last_date,
        is_supplied,
        landed_at
    from source_snapshots
)

select * from final
