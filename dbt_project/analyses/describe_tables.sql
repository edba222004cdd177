-- Which tables are there, what is a row of each, and what do their columns mean?
select
    tables.schema_name,
    tables.table_name,
    tables.comment as table_description,
    columns.column_index,
    columns.column_name,
    columns.data_type,
    columns.comment as column_description
from duckdb_tables() as tables
inner join duckdb_columns() as columns on tables.table_oid = columns.table_oid
where tables.database_name = current_database()
order by tables.schema_name, tables.table_name, columns.column_index
