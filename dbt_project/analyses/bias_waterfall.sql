-- How much of the alpha of the paper's rules is left when its biases are taken out, one by one?
select
    waterfall.kind,
    waterfall.step,
    100 * waterfall.alpha_effect as effect_pct,
    100 * waterfall.effect_alone as alone_pct,
    100 * waterfall.effect_last as last_pct,
    100 * waterfall.alpha_after as alpha_after_pct,
    waterfall.backtest_count,
    waterfall.reason
from results.mart_bias_waterfall as waterfall
inner join ops.fct_run as runs on waterfall.run_id = runs.run_id
where runs.is_latest
order by waterfall.step_order
