with

-- The study neither prices nor bounds risk.
summaries as (
    select * from {{ ref('mart_backtest_summary') }}
    where risk_aversion is null and tracking_error_limit is null
),

of_study as (
    select * from {{ ref('mart_paper_scenario') }}
),

named as (
    select
        scenario_id,
        max(case when paper_scenario = 'table_10' then 1 else 0 end) as is_of_table_10,
        max(case when paper_scenario = 'table_14' then 1 else 0 end) as is_of_table_14
    from of_study
    where scenario_id is not null
    group by scenario_id
),

final as (
    select
        summaries.*,
        coalesce(named.is_of_table_10, 0) as is_of_table_10,
        coalesce(named.is_of_table_14, 0) as is_of_table_14
    from summaries
    left join named on summaries.scenario_id = named.scenario_id
)

select * from final
