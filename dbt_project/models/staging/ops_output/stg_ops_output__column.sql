with

source as (
    select * from {{ source('ops_output', 'column') }}
),

renamed as (
    select
        cast(schema_name as varchar) as schema_name,
        cast(table_name as varchar) as table_name,
        cast(column_name as varchar) as column_name,
        cast(description as varchar) as description,
        cast(unit as varchar) as unit,
        cast(data_type as varchar) as data_type,
        cast(formula as varchar) as formula,
        cast(upstream_columns as varchar) as upstream_columns,
        cast(is_forward_looking as boolean) as is_forward_looking,
        cast(position as integer) as position
    from source
)

select * from renamed
