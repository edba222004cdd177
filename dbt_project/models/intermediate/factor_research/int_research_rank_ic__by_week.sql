with

judged as (
    select * from {{ ref('stg_research_output__factor_rank_ic_week') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

known as (
    select * from {{ ref('int_panel_return__dated') }}
),

-- The return of the h-th week alone is known when that of the week h - 1 later is.
final as (
    select
        judged.rule_set,
        judged.factor,
        judged.stage,
        judged.horizon_weeks,
        judged.week_date,
        judged.rank_ic,
        judged.stock_count,
        known.known_at
    from judged
    inner join weeks on judged.week_date = weeks.week_date
    inner join known
        on
            judged.rule_set = known.rule_set
            and weeks.week_number + judged.horizon_weeks - 1 = known.week_number
)

select * from final
