with

cells as (
    select * from {{ ref('int_paper_cell__seeded') }}
),

statistics as (
    select * from {{ ref('mart_rank_ic_statistics') }}
),

final as (
    select
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        avg(statistics.value) as our_value,
        count(statistics.value) as seed_count
    from cells
    inner join statistics
        on
            cells.run_id = statistics.run_id
            and cells.rule_set = statistics.rule_set
            and cells.model = statistics.model
            and cells.horizon_weeks = statistics.horizon_weeks
            and cells.measure = statistics.statistic
    where statistics.label_kind = 'cumulative'
    group by cells.rule_set, cells.paper_table, cells.row_label, cells.column_label
)

select * from final
