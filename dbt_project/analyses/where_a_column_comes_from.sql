-- Where does this column come from? All public and raw columns it is made from, through every step;
-- put another column in the first part.
with recursive

asked as (
    select
        'results' as schema_name,
        'mart_rank_ic_statistics' as table_name,
        'value' as column_name
),

upstream as (
    select
        0 as step,
        schema_name || '.' || table_name || '.' || column_name as name
    from asked

    union

    select
        upstream.step + 1 as step,
        unnest(string_split(columns.upstream_columns, ', ')) as name
    from upstream
    inner join core.dim_column as columns
        on upstream.name = columns.schema_name || '.' || columns.table_name || '.' || columns.column_name
    where columns.upstream_columns is not null and upstream.step < 12
)

select
    min(upstream.step) as step,
    upstream.name,
    any_value(columns.description) as description,
    any_value(columns.unit) as unit,
    any_value(columns.formula) as formula
from upstream
left join core.dim_column as columns
    on upstream.name = columns.schema_name || '.' || columns.table_name || '.' || columns.column_name
group by upstream.name
order by step, upstream.name
