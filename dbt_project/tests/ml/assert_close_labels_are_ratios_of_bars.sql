-- The same return by another way: two bars looked up at the ends of the span. A share that left in
-- between has no bar at the end and is not looked at here.
with

labels as (
    select * from {{ ref('fct_label') }}
    where
        label_convention = 'close'
        and horizon_weeks = 4
),

weeks as (
    select * from {{ ref('dim_week') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
)

select
    labels.symbol,
    labels.week_date
from labels
inner join weeks on labels.week_date = weeks.week_date
inner join bars as starts
    on
        labels.symbol = starts.symbol
        and labels.week_date = starts.trade_date
inner join bars as ends
    on
        labels.symbol = ends.symbol
        and weeks.end_week_date_4w = ends.trade_date
where
    labels.label_known_at is distinct from weeks.end_week_date_4w
    or labels.fwd_return_cum is null
    or abs(labels.fwd_return_cum - (ends.adj_close / starts.adj_close - 1)) > 1e-9
