with

cells as (
    select * from {{ ref('int_paper_cell__matched') }}
),

models as (
    select * from {{ ref('int_model__grouped') }}
),

final as (
    select
        cells.run_id,
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        cells.measure,
        cells.horizon_weeks,
        cells.window_start,
        cells.trade_year,
        cells.barra_limit,
        cells.num_stock,
        models.model
    from cells
    inner join models
        on
            cells.run_id = models.run_id
            and cells.rule_set = models.rule_set
            and cells.model_family = models.model_family
)

select * from final
