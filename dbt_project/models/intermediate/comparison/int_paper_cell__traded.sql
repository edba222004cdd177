with

cells as (
    select * from {{ ref('int_paper_cell__seeded') }}
),

candidates as (
    select * from {{ ref('int_backtest__of_study') }}
),

years as (
    select * from {{ ref('mart_backtest_year') }}
),

-- Table 10 does not say its settings: the band nearest to that of figure 8 stands for it.
typical_scenarios as (
    select
        scenario_id,
        row_number() over (
            partition by run_id, rule_set, model
            order by
                is_of_table_10 desc,
                abs(barra_limit - 0.3) asc nulls last,
                num_stock asc nulls last,
                turnover_limit asc nulls last,
                scenario_id asc
        ) as nearest_first
    from candidates
    where not is_variant
),

typical_years as (
    select years.*
    from years
    inner join typical_scenarios on years.scenario_id = typical_scenarios.scenario_id
    where typical_scenarios.nearest_first = 1
),

yearly as (
    select
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        avg({{ backtest_cell('cells.measure', 'typical_years') }}) as our_value,
        count({{ backtest_cell('cells.measure', 'typical_years') }}) as seed_count
    from cells
    inner join typical_years
        on
            cells.run_id = typical_years.run_id
            and cells.rule_set = typical_years.rule_set
            and cells.model = typical_years.model
            and cells.trade_year = typical_years.trade_year
    group by cells.rule_set, cells.paper_table, cells.row_label, cells.column_label
),

whole_span as (
    select
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        {{ backtest_cell('cells.measure', 'candidates') }} as measured_value,
        row_number() over (
            partition by
                cells.rule_set, cells.paper_table, cells.row_label, cells.column_label, cells.model
            order by
                candidates.is_of_table_14 desc,
                abs(candidates.turnover_limit - 0.15) asc nulls last,
                candidates.scenario_id asc
        ) as nearest_first
    from cells
    inner join candidates
        on
            cells.run_id = candidates.run_id
            and cells.rule_set = candidates.rule_set
            and cells.model = candidates.model
            and cells.barra_limit = candidates.barra_limit
            and cells.num_stock = candidates.num_stock
            and not candidates.is_variant
),

final as (
    select * from yearly
    union all
    select
        rule_set,
        paper_table,
        row_label,
        column_label,
        avg(measured_value) as our_value,
        count(measured_value) as seed_count
    from whole_span
    where nearest_first = 1
    group by rule_set, paper_table, row_label, column_label
)

select * from final
