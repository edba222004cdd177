with

labelled as (
    select * from {{ ref('int_forecast__labelled') }}
),

series as (
    select * from {{ ref('int_forecast__series') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

-- Average ranks: the rank of the first of equals, plus half the number of the others.
ranked as (
    select
        series_number,
        week_date,
        horizon_weeks,
        label_kind,
        label_known_at,
        prediction,
        fwd_return,
        rank() over (
            partition by series_number, horizon_weeks, label_kind, week_date
            order by prediction nulls last
        ) + (
            count(*) over (
                partition by series_number, horizon_weeks, label_kind, week_date
                order by prediction nulls last
                range between current row and current row
            ) - 1
        ) / 2.0 as prediction_rank,
        rank() over (
            partition by series_number, horizon_weeks, label_kind, week_date
            order by fwd_return nulls last
        ) + (
            count(*) over (
                partition by series_number, horizon_weeks, label_kind, week_date
                order by fwd_return nulls last
                range between current row and current row
            ) - 1
        ) / 2.0 as fwd_return_rank
    from labelled
),

aggregated as (
    select
        series_number,
        horizon_weeks,
        label_kind,
        week_date,
        count(*) as stock_count,
        count(*) >= 30 as has_enough_names,
        min(prediction) = max(prediction) as has_constant_prediction,
        min(fwd_return) = max(fwd_return) as has_constant_label,
        corr(prediction_rank, fwd_return_rank) as rank_correlation,
        max(label_known_at) as known_at
    from ranked
    group by series_number, horizon_weeks, label_kind, week_date
),

final as (
    select
        series.run_id,
        series.rule_set,
        series.model,
        aggregated.horizon_weeks,
        aggregated.label_kind,
        aggregated.week_date,
        weeks.half_year_window,
        case
            when
                aggregated.has_enough_names
                and not aggregated.has_constant_prediction
                and not aggregated.has_constant_label
                then greatest(-1.0, least(1.0, aggregated.rank_correlation))
        end as rank_ic,
        aggregated.stock_count,
        aggregated.has_enough_names and aggregated.has_constant_prediction as is_degenerate,
        aggregated.known_at
    from aggregated
    inner join series on aggregated.series_number = series.series_number
    inner join weeks on aggregated.week_date = weeks.week_date
)

select * from final
