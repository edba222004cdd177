with

cells as (
    select * from {{ ref('int_paper_cell__seeded') }}
    where paper_table = 7
),

printed as (
    select paper_value as sample_count from {{ ref('paper_cell') }}
    where paper_table = 7 and measure = 'sample_count[in_sample]'
),

shapes as (
    select * from {{ ref('fct_sequence_shape') }}
),

-- The study does not say of which window its example is: the one nearest in its samples.
ranked as (
    select
        shapes.run_id,
        shapes.rule_set,
        shapes.model,
        shapes.window_start,
        row_number() over (
            partition by shapes.run_id, shapes.rule_set, shapes.model
            order by abs(shapes.sample_count - printed.sample_count) asc, shapes.window_start asc
        ) as position_by_size
    from shapes
    cross join printed
    where shapes.part = 'in_sample'
),

measured as (
    select
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        case cells.measure
            when concat('sample_count[', shapes.part, ']') then shapes.sample_count
            when concat('sequence_weeks[', shapes.part, ']') then shapes.sequence_weeks
            when concat('feature_count[', shapes.part, ']') then shapes.feature_count
        end as our_value
    from cells
    inner join ranked
        on
            cells.run_id = ranked.run_id
            and cells.rule_set = ranked.rule_set
            and cells.model = ranked.model
            and ranked.position_by_size = 1
    inner join shapes
        on
            ranked.run_id = shapes.run_id
            and ranked.rule_set = shapes.rule_set
            and ranked.model = shapes.model
            and ranked.window_start = shapes.window_start
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
