with

cumulative as (
    select * from {{ ref('int_rank_ic__cumulative') }}
),

single as (
    select * from {{ ref('int_rank_ic__single') }}
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
        measured.run_id,
        measured.rule_set,
        measured.model,
        measured.horizon_weeks,
        measured.label_kind,
        measured.week_date,
        weeks.half_year_window,
        measured.rank_ic,
        measured.stock_count,
        measured.is_degenerate,
        measured.known_at
    from measured
    inner join weeks on measured.week_date = weeks.week_date
)

select * from final
