with

cells as (
    select * from {{ ref('paper_cell') }}
),

models as (
    select * from {{ ref('int_model__grouped') }}
),

runs as (
    select * from {{ ref('fct_run') }}
),

latest_models as (
    select models.*
    from models
    inner join runs on models.run_id = runs.run_id
    where runs.is_latest and not models.is_crossed
),

rule_sets as (
    select distinct
        run_id,
        rule_set
    from latest_models
),

kinds as (
    select distinct
        library,
        loss,
        window_mode,
        coalesce(stock_order, '') as stock_order
    from cells
),

families as (
    select
        run_id,
        rule_set,
        model_family,
        library,
        loss,
        window_mode,
        coalesce(stock_order, '') as stock_order,
        case when count(*) = 1 then min(model) else model_family end as model
    from latest_models
    group by
        run_id, rule_set, model_family, library, loss, window_mode, coalesce(stock_order, '')
),

-- Tuning makes several families of one kind: the first key in order stands for the kind.
candidates as (
    select
        families.rule_set,
        families.model_family,
        families.model,
        kinds.library,
        kinds.loss,
        kinds.window_mode,
        kinds.stock_order,
        row_number() over (
            partition by
                families.rule_set, kinds.library, kinds.loss, kinds.window_mode, kinds.stock_order
            order by families.window_mode asc nulls last, families.model_family asc
        ) as position_in_kind
    from kinds
    inner join families
        on
            kinds.library = families.library
            and kinds.loss = families.loss
            and coalesce(kinds.window_mode, families.window_mode) = families.window_mode
            and kinds.stock_order = families.stock_order
),

final as (
    select
        rule_sets.run_id,
        rule_sets.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        cells.measure,
        cells.paper_value,
        cells.library,
        cells.loss,
        cells.window_mode,
        cells.stock_order,
        cells.horizon_weeks,
        cells.window_start,
        cells.trade_year,
        cells.barra_limit,
        cells.num_stock,
        candidates.model_family,
        candidates.model
    from cells
    cross join rule_sets
    left join candidates
        on
            rule_sets.rule_set = candidates.rule_set
            and cells.library = candidates.library
            and cells.loss = candidates.loss
            and coalesce(cells.window_mode, '') = coalesce(candidates.window_mode, '')
            and coalesce(cells.stock_order, '') = candidates.stock_order
            and candidates.position_in_kind = 1
)

select * from final
