with

statistics as (
    select * from {{ ref('mart_rank_ic_statistics') }}
),

rank_ic_weeks as (
    select * from {{ ref('fct_rank_ic_week') }}
),

spread_weeks as (
    select * from {{ ref('mart_long_short_return_week') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

runs as (
    select * from {{ ref('fct_run') }}
),

-- One column per statistic that the usual comparison of models needs.
spread_out as (
    select
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind,
        max(case when statistic = 'mean' then value end) as mean_rank_ic,
        max(case when statistic = 'std' then value end) as std_rank_ic,
        max(case when statistic = 'ir' then value end) as rank_ic_ir,
        max(case when statistic = 't_stat' then value end) as t_stat,
        max(case when statistic = 't_stat_newey_west' then value end) as t_stat_newey_west,
        max(case when statistic = 'p_value' then value end) as p_value
    from statistics
    group by run_id, rule_set, model, horizon_weeks, label_kind
),

counted as (
    select
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind,
        count(rank_ic) as week_count,
        cast(sum(case when is_degenerate then 1 else 0 end) as bigint) as degenerate_week_count,
        avg(case when rank_ic > 0 then 1.0 when rank_ic <= 0 then 0.0 end) as positive_share,
        avg(stock_count) as mean_stock_count
    from rank_ic_weeks
    group by run_id, rule_set, model, horizon_weeks, label_kind
),

spreads as (
    select
        run_id,
        rule_set,
        model,
        avg(long_short_return) as mean_long_short_return
    from spread_weeks
    group by run_id, rule_set, model
),

trained as (
    select
        run_id,
        rule_set,
        model,
        count(*) as window_count,
        avg(in_sample_rank_ic) as mean_in_sample_rank_ic
    from training_windows
    group by run_id, rule_set, model
),

final as (
    select
        counted.run_id,
        counted.rule_set,
        counted.model,
        counted.horizon_weeks,
        counted.label_kind,
        spread_out.mean_rank_ic,
        spread_out.std_rank_ic,
        spread_out.rank_ic_ir,
        spread_out.t_stat,
        spread_out.t_stat_newey_west,
        spread_out.p_value,
        counted.positive_share,
        counted.week_count,
        counted.degenerate_week_count,
        counted.mean_stock_count,
        spreads.mean_long_short_return,
        trained.window_count,
        trained.mean_in_sample_rank_ic
    from counted
    inner join runs on counted.run_id = runs.run_id
    left join spread_out
        on
            counted.run_id = spread_out.run_id
            and counted.rule_set = spread_out.rule_set
            and counted.model = spread_out.model
            and counted.horizon_weeks = spread_out.horizon_weeks
            and counted.label_kind = spread_out.label_kind
    left join spreads
        on
            counted.run_id = spreads.run_id
            and counted.rule_set = spreads.rule_set
            and counted.model = spreads.model
    left join trained
        on
            counted.run_id = trained.run_id
            and counted.rule_set = trained.rule_set
            and counted.model = trained.model
    where runs.is_latest
)

select * from final
