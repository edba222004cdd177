-- Could the shares with the best predictions be bought at all? Share of the top tenth of each week
-- that was suspended, or traded at the upper limit alone, on the session after the prediction.
with

top_tenth as (
    select
        predictions.rule_set,
        predictions.model,
        predictions.symbol,
        weeks.next_session_date
    from (
        select
            *,
            percent_rank() over (
                partition by run_id, rule_set, model, week_date order by prediction
            ) as place
        from results.fct_prediction
        where
            run_id in (
                select runs.run_id
                from ops.fct_run as runs
                where runs.is_latest
            )
    ) as predictions
    inner join core.dim_week as weeks on predictions.week_date = weeks.week_date
    where predictions.place >= 0.9
)

select
    top_tenth.rule_set,
    top_tenth.model,
    year(top_tenth.next_session_date) as year,
    count(*) as stock_weeks,
    avg(case when bars.is_suspended then 1 else 0 end) as share_suspended,
    avg(case when bars.is_one_price_limit_up then 1 else 0 end) as share_locked_at_limit_up
from top_tenth
inner join core.fct_bar_daily as bars
    on
        top_tenth.symbol = bars.symbol
        and top_tenth.next_session_date = bars.trade_date
group by top_tenth.rule_set, top_tenth.model, year(top_tenth.next_session_date)
order by top_tenth.rule_set, top_tenth.model, year
