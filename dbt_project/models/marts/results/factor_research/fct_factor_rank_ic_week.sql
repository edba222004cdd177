with

rank_ic_weeks as (
    select * from {{ ref('int_research_rank_ic__by_week') }}
),

final as (
    select
        rule_set,
        factor,
        stage,
        cast(horizon_weeks as integer) as horizon_weeks,
        week_date,
        rank_ic,
        stock_count,
        known_at
    from rank_ic_weeks
)

select * from final
