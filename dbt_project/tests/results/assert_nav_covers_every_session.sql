{{ config(meta={'dagster': {'ref': {'name': 'fct_nav_daily'}}}) }}
-- Between its first and its last session a back-test has a value on every one.
with

spans as (
    select
        scenario_id,
        min(trade_date) as first_session,
        max(trade_date) as last_session,
        count(*) as valued_count
    from {{ ref('fct_nav_daily') }}
    group by scenario_id
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

faults as (
    select
        spans.scenario_id,
        spans.valued_count,
        count(sessions.trade_date) as session_count
    from spans
    left join sessions on sessions.trade_date between spans.first_session and spans.last_session
    group by spans.scenario_id, spans.valued_count
    having count(sessions.trade_date) <> spans.valued_count
)

select * from faults
