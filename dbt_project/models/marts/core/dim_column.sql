with

columns as (
    select * from {{ ref('stg_ops_output__column') }}
),

final as (
    select
        schema_name,
        table_name,
        column_name,
        description,
        unit,
        data_type,
        formula,
        upstream_columns,
        is_forward_looking,
        position
    from columns
)

select * from final
