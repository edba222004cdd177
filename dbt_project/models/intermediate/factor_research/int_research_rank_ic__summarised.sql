with

dated as (
    select * from {{ ref('int_research_rank_ic__dated') }}
),

lagged as (
    select
        *,
        {{ for_each(
            research_horizons(),
            'lag(deviation, {}) over (\n            '
            ~ 'partition by series_number, as_of_year order by week_date\n        '
            ~ ') as deviation_{}') }}
    from dated
),

aggregated as (
    select
        rule_set,
        factor,
        stage,
        horizon_weeks,
        as_of_year,
        as_of_date,
        count(*) as week_count,
        min(week_date) as first_week_date,
        max(week_date) as last_week_date,
        avg(rank_ic) as mean_rank_ic,
        stddev_samp(rank_ic) as std_rank_ic,
        avg(case when rank_ic > 0 then 1.0 else 0.0 end) as positive_share,
        sum(deviation * deviation) as square_sum,
        -- Newey and West: products with the h weeks before, their weight falling to zero.
        {{ for_each(
            research_horizons(),
            'coalesce(sum(greatest(0, 1 - {} / (horizon_weeks + 1.0)) * deviation * deviation_{}), 0)',
            '\n        + ') }} as lagged_sum
    from lagged
    group by rule_set, factor, stage, horizon_weeks, as_of_year, as_of_date
),

measured as (
    select
        *,
        square_sum + 2 * lagged_sum as long_run_sum,
        {{ safe_divide('mean_rank_ic', 'std_rank_ic') }} as ir
    from aggregated
),

final as (
    select
        rule_set,
        factor,
        stage,
        horizon_weeks,
        as_of_year,
        as_of_date,
        week_count,
        first_week_date,
        last_week_date,
        mean_rank_ic,
        std_rank_ic,
        positive_share,
        ir,
        ir * sqrt(week_count) as t_stat,
        case
            when week_count > 1 and long_run_sum > 0
                then mean_rank_ic * week_count / sqrt(long_run_sum)
        end as t_stat_newey_west
    from measured
)

select * from final
