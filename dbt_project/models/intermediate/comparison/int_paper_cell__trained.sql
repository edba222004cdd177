with

cells as (
    select * from {{ ref('int_paper_cell__seeded') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

measured as (
    select
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        case cells.measure
            when 'in_sample_rank_ic' then training_windows.in_sample_rank_ic
            when 'out_of_sample_rank_ic' then training_windows.out_of_sample_rank_ic
            when 'rank_ic_difference'
                then
                    training_windows.out_of_sample_rank_ic - training_windows.in_sample_rank_ic
            when 'in_sample_mse' then training_windows.in_sample_mse
            when 'out_of_sample_mse' then training_windows.out_of_sample_mse
            else {{ json_number('training_windows.parameters', 'cells.measure') }}
        end as our_value
    from cells
    inner join training_windows
        on
            cells.run_id = training_windows.run_id
            and cells.rule_set = training_windows.rule_set
            and cells.model = training_windows.model
            and cells.window_start = training_windows.window_start
),

final as (
    select
        rule_set,
        paper_table,
        row_label,
        column_label,
        avg(our_value) as our_value,
        count(our_value) as seed_count
    from measured
    group by rule_set, paper_table, row_label, column_label
)

select * from final
