with

predictions as (
    select * from {{ ref('stg_model_output__prediction') }}
),

series as (
    select * from {{ ref('int_forecast__series') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
),

labels as (
    select * from {{ ref('fct_label') }}
),

label_kinds as (
    select 'cumulative' as label_kind
    union all
    select 'single' as label_kind
),

-- A model is judged over the universe and in the convention that it was made for.
judged_rows as (
    select
        predictions.run_id,
        predictions.rule_set,
        predictions.model,
        series.series_number,
        predictions.symbol,
        predictions.week_date,
        predictions.prediction,
        models.label_convention
    from predictions
    inner join series
        on
            predictions.run_id = series.run_id
            and predictions.rule_set = series.rule_set
            and predictions.model = series.model
    inner join models
        on
            predictions.run_id = models.run_id
            and predictions.rule_set = models.rule_set
            and predictions.model = models.model
    inner join universe
        on
            models.universe_rule_set = universe.rule_set
            and predictions.symbol = universe.symbol
            and predictions.week_date = universe.week_date
    where universe.in_universe
),

labelled as (
    select
        judged_rows.run_id,
        judged_rows.rule_set,
        judged_rows.model,
        judged_rows.series_number,
        judged_rows.symbol,
        judged_rows.week_date,
        labels.horizon_weeks,
        label_kinds.label_kind,
        judged_rows.prediction,
        case
            when label_kinds.label_kind = 'cumulative' then labels.fwd_return_cum
            else labels.fwd_return_single
        end as fwd_return,
        labels.label_known_at
    from judged_rows
    inner join labels
        on
            judged_rows.symbol = labels.symbol
            and judged_rows.week_date = labels.week_date
            and judged_rows.label_convention = labels.label_convention
    cross join label_kinds
),

final as (
    select
        run_id,
        rule_set,
        model,
        series_number,
        symbol,
        week_date,
        horizon_weeks,
        label_kind,
        prediction,
        fwd_return,
        label_known_at
    from labelled
    where fwd_return is not null
)

select * from final
