with

cells as (
    select * from {{ ref('int_paper_cell__seeded') }}
),

trials as (
    select * from {{ ref('fct_tuning_trial') }}
),

-- Ranges narrow as the search goes on: the widest one is what was searched.
ended as (
    select
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        cells.model,
        cells.measure like '%[0]' as is_lowest,
        min({{ json_number('trials.search_range', 'cells.measure') }}) as lowest,
        max({{ json_number('trials.search_range', 'cells.measure') }}) as highest
    from cells
    inner join trials
        on
            cells.run_id = trials.run_id
            and cells.rule_set = trials.rule_set
            and cells.model = trials.model
    where cells.paper_table = 8
    group by
        cells.rule_set, cells.paper_table, cells.row_label, cells.column_label, cells.model,
        cells.measure
),

final as (
    select
        rule_set,
        paper_table,
        row_label,
        column_label,
        avg(case when is_lowest then lowest else highest end) as our_value,
        count(case when is_lowest then lowest else highest end) as seed_count
    from ended
    group by rule_set, paper_table, row_label, column_label
)

select * from final
