-- The one-week label of a share that trades on both sessions, by another way: entry on the session
-- after week_date, exit on the session after the next week_date.
with

labels as (
    select * from {{ ref('fct_label') }}
    where
        label_convention = 'vwap'
        and horizon_weeks = 1
),

weeks as (
    select * from {{ ref('dim_week') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where vwap is not null
)

select
    labels.symbol,
    labels.week_date
from labels
inner join weeks on labels.week_date = weeks.week_date
inner join bars as entries
    on
        labels.symbol = entries.symbol
        and weeks.next_session_date = entries.trade_date
inner join bars as exits
    on
        labels.symbol = exits.symbol
        and weeks.exit_session_date_1w = exits.trade_date
where
    not labels.label_tradable
    or labels.label_known_at is distinct from weeks.exit_session_date_1w
    or labels.fwd_return_cum is null
    or abs(labels.fwd_return_cum - (exits.adj_vwap / entries.adj_vwap - 1)) > 1e-9
