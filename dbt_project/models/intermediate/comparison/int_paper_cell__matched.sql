with

cells as (
    select * from {{ ref('paper_cell') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

runs as (
    select * from {{ ref('fct_run') }}
),

latest_models as (
    select models.*
    from models
    inner join runs on models.run_id = runs.run_id
    where runs.is_latest
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
        window_mode
    from cells
),

-- Seeds and tuning make several models of one kind: the first key in order stands for the kind.
candidates as (
    select
        latest_models.rule_set,
        latest_models.model,
        kinds.library,
        kinds.loss,
        kinds.window_mode,
        row_number() over (
            partition by latest_models.rule_set, kinds.library, kinds.loss, kinds.window_mode
            order by latest_models.window_mode asc nulls last, latest_models.model asc
        ) as position_in_kind
    from kinds
    inner join latest_models
        on
            kinds.library = latest_models.library
            and kinds.loss = latest_models.loss
            and coalesce(kinds.window_mode, latest_models.window_mode) = latest_models.window_mode
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
        cells.horizon_weeks,
        cells.window_start,
        cells.trade_year,
        cells.barra_limit,
        cells.num_stock,
        candidates.model
    from cells
    cross join rule_sets
    left join candidates
        on
            rule_sets.rule_set = candidates.rule_set
            and cells.library = candidates.library
            and cells.loss = candidates.loss
            and coalesce(cells.window_mode, '') = coalesce(candidates.window_mode, '')
            and candidates.position_in_kind = 1
)

select * from final
