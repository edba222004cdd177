{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'mart_claim'}}}) }}
-- Two models that a claim compares are judged on as many names in every common week: otherwise the
-- difference may be one of names.
with

pairs as (
    select * from {{ ref('int_claim_pair__models') }}
),

weeks as (
    select * from {{ ref('fct_rank_ic_week') }}
    where horizon_weeks = 1 and label_kind = 'cumulative' and rank_ic is not null
),

faults as (
    select
        pairs.claim,
        pairs.first_model,
        pairs.second_model,
        first_weeks.run_id,
        first_weeks.week_date,
        first_weeks.stock_count as first_stock_count,
        second_weeks.stock_count as second_stock_count
    from pairs
    inner join weeks as first_weeks
        on
            pairs.run_id = first_weeks.run_id
            and pairs.rule_set = first_weeks.rule_set
            and pairs.first_model = first_weeks.model
    inner join weeks as second_weeks
        on
            pairs.run_id = second_weeks.run_id
            and pairs.rule_set = second_weeks.rule_set
            and pairs.second_model = second_weeks.model
            and first_weeks.week_date = second_weeks.week_date
    where first_weeks.stock_count <> second_weeks.stock_count
)

select * from faults
