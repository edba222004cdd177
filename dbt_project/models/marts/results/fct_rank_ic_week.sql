with

rank_ic_weeks as (
    select * from {{ ref('int_rank_ic__by_week') }}
),

p_values as (
    select * from {{ ref('stg_model_output__rank_ic_p_value') }}
),

final as (
    select
        rank_ic_weeks.run_id,
        rank_ic_weeks.rule_set,
        rank_ic_weeks.model,
        rank_ic_weeks.horizon_weeks,
        rank_ic_weeks.label_kind,
        rank_ic_weeks.week_date,
        rank_ic_weeks.half_year_window,
        rank_ic_weeks.rank_ic,
        p_values.p_value,
        rank_ic_weeks.stock_count,
        rank_ic_weeks.is_degenerate,
        rank_ic_weeks.known_at
    from rank_ic_weeks
    left join p_values
        on
            rank_ic_weeks.run_id = p_values.run_id
            and rank_ic_weeks.rule_set = p_values.rule_set
            and rank_ic_weeks.model = p_values.model
            and rank_ic_weeks.horizon_weeks = p_values.horizon_weeks
            and rank_ic_weeks.label_kind = p_values.label_kind
            and rank_ic_weeks.week_date = p_values.week_date
)

select * from final
