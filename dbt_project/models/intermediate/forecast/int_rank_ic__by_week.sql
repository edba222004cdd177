with

cumulative as (
    select * from {{ ref('int_rank_ic__cumulative') }}
),

single as (
    select * from {{ ref('int_rank_ic__single') }}
),

series as (
    select * from {{ ref('int_forecast__series') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

measured as (
    select * from cumulative
    union all
    select * from single
),

final as (
    select
        series.run_id,
        series.rule_set,
        series.model,
        measured.horizon_weeks,
        measured.label_kind,
        measured.week_date,
        weeks.half_year_window,
        case
            when
                measured.stock_count >= 30
                and not measured.has_constant_prediction
                and not measured.has_constant_label
                then greatest(-1.0, least(1.0, measured.rank_correlation))
        end as rank_ic,
        measured.stock_count,
        measured.stock_count >= 30 and measured.has_constant_prediction as is_degenerate,
        measured.known_at
    from measured
    inner join series on measured.series_number = series.series_number
    inner join weeks on measured.week_date = weeks.week_date
)

select * from final
