with

solutions as (
    select * from {{ ref('stg_optimizer_output__solution') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

final as (
    select
        solutions.scenario_id,
        solutions.rebalance_date,
        solutions.status,
        solutions.relaxation_step,
        solutions.objective,
        solutions.primal_residual,
        solutions.dual_residual,
        solutions.gap,
        solutions.candidate_count,
        solutions.seconds,
        sessions.previous_trade_date as known_at
    from solutions
    inner join sessions on solutions.rebalance_date = sessions.trade_date
)

select * from final
