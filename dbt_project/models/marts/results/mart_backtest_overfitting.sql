with

ranked as (
    select * from {{ ref('int_scenario_combination__ranked') }}
),

blocks as (
    select * from {{ ref('int_scenario_block__summed') }}
),

spans as (
    select
        run_id,
        rule_set,
        benchmark,
        max(last_session) as last_session,
        cast(sum(session_count) / count(distinct scenario_id) as bigint) as session_count
    from blocks
    group by run_id, rule_set, benchmark
),

final as (
    select
        ranked.run_id,
        ranked.rule_set,
        ranked.benchmark,
        cast(max(ranked.strategy_count) as bigint) as strategy_count,
        max(spans.session_count) as session_count,
        count(*) as combination_count,
        case
            when max(ranked.strategy_count) > 1
                then avg(case when ranked.relative_rank <= 0.5 then 1.0 else 0.0 end)
        end as probability_of_overfitting,
        avg(ranked.relative_rank) as mean_relative_rank,
        avg(ranked.in_sample_sharpe) * sqrt(244) as mean_in_sample_information_ratio,
        avg(ranked.out_of_sample_sharpe) * sqrt(244) as mean_out_of_sample_information_ratio,
        max(spans.last_session) as known_at
    from ranked
    inner join spans
        on
            ranked.run_id = spans.run_id
            and ranked.rule_set = spans.rule_set
            and ranked.benchmark = spans.benchmark
    group by ranked.run_id, ranked.rule_set, ranked.benchmark
)

select * from final
