-- What does one factor earn alone? Weekly Rank IC of the one-month return by year. Put another
-- column of factors.fct_factor_exposure in its place to ask about another factor.
with

ranked as (
    select
        exposures.rule_set,
        exposures.week_date,
        rank() over weekly_exposure
        + (count(*) over (weekly_exposure range current row) - 1) / 2.0 as exposure_rank,
        rank() over weekly_return
        + (count(*) over (weekly_return range current row) - 1) / 2.0 as return_rank
    from factors.fct_factor_exposure as exposures
    inner join ml.fct_label as labels
        on
            exposures.symbol = labels.symbol
            and exposures.week_date = labels.week_date
            and labels.horizon_weeks = 1
            and labels.label_convention
            = case exposures.rule_set when 'paper' then 'close' else 'vwap' end
    where labels.fwd_return_cum is not null
    window
        weekly_exposure as (
            partition by exposures.rule_set, exposures.week_date order by exposures.return_1m
        ),
        weekly_return as (
            partition by exposures.rule_set, exposures.week_date order by labels.fwd_return_cum
        )
),

weekly as (
    select
        rule_set,
        week_date,
        case
            when isfinite(corr(exposure_rank, return_rank)) then corr(exposure_rank, return_rank)
        end as rank_ic
    from ranked
    group by rule_set, week_date
    having count(*) >= 30
)

select
    rule_set,
    year(week_date) as year,
    count(rank_ic) as week_count,
    avg(rank_ic) as mean_rank_ic,
    avg(rank_ic) / nullif(stddev_samp(rank_ic), 0) as ir
from weekly
group by rule_set, year(week_date)
order by rule_set, year
