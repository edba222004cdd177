with

blocks as (
    select * from {{ ref('int_scenario_block__summed') }}
),

combinations as (
    select * from {{ ref('int_block_combination__chosen') }}
),

totals as (
    select
        run_id,
        rule_set,
        benchmark,
        scenario_id,
        sum(session_count) as session_count,
        sum(sum_excess) as sum_excess,
        sum(sum_squared_excess) as sum_squared_excess
    from blocks
    group by run_id, rule_set, benchmark, scenario_id
),

in_sample as (
    select
        blocks.run_id,
        blocks.rule_set,
        blocks.benchmark,
        blocks.scenario_id,
        combinations.combination,
        sum(blocks.session_count) as session_count,
        sum(blocks.sum_excess) as sum_excess,
        sum(blocks.sum_squared_excess) as sum_squared_excess
    from blocks
    inner join combinations on blocks.block = combinations.block
    group by
        blocks.run_id,
        blocks.rule_set,
        blocks.benchmark,
        blocks.scenario_id,
        combinations.combination
),

both_halves as (
    select
        in_sample.run_id,
        in_sample.rule_set,
        in_sample.benchmark,
        in_sample.scenario_id,
        in_sample.combination,
        {{ sharpe_from_sums(
            'in_sample.session_count', 'in_sample.sum_excess', 'in_sample.sum_squared_excess'
        ) }} as in_sample_sharpe,
        {{ sharpe_from_sums(
            '(totals.session_count - in_sample.session_count)',
            '(totals.sum_excess - in_sample.sum_excess)',
            '(totals.sum_squared_excess - in_sample.sum_squared_excess)'
        ) }} as out_of_sample_sharpe
    from in_sample
    inner join totals on in_sample.scenario_id = totals.scenario_id
),

ranked as (
    select
        both_halves.*,
        row_number() over (
            partition by run_id, rule_set, benchmark, combination
            order by in_sample_sharpe desc nulls last, scenario_id asc
        ) as in_sample_rank,
        row_number() over (
            partition by run_id, rule_set, benchmark, combination
            order by out_of_sample_sharpe desc nulls last, scenario_id desc
        ) as out_of_sample_rank,
        count(*) over (
            partition by run_id, rule_set, benchmark, combination
        ) as strategy_count
    from both_halves
),

final as (
    select
        run_id,
        rule_set,
        benchmark,
        combination,
        scenario_id as best_scenario_id,
        strategy_count,
        in_sample_sharpe,
        out_of_sample_sharpe,
        (strategy_count + 1.0 - out_of_sample_rank) / (strategy_count + 1.0) as relative_rank
    from ranked
    where in_sample_rank = 1
)

select * from final
