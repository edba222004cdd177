{{ config(meta={'dagster': {'ref': {'name': 'int_rank_ic__by_week'}}}) }}
-- Two routines, one in SQL and one in the forecasters, judge the test weeks of a window: they must
-- agree, or one of them pairs predictions with the wrong returns. Tolerance: the panel may store
-- labels in single precision, which can tie or part neighbours in a few ranks.
with

window_means as (
    select
        run_id,
        rule_set,
        model,
        half_year_window,
        avg(rank_ic) as mean_rank_ic
    from {{ ref('int_rank_ic__by_week') }}
    where
        horizon_weeks = 1
        and label_kind = 'cumulative'
    group by run_id, rule_set, model, half_year_window
),

training_windows as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        out_of_sample_rank_ic,
        concat(
            cast(extract(year from window_start) as {{ dbt.type_string() }}),
            case when extract(month from window_start) < 7 then 'H1' else 'H2' end
        ) as half_year_window
    from {{ ref('fct_training_window') }}
),

differences as (
    select
        training_windows.run_id,
        training_windows.rule_set,
        training_windows.model,
        training_windows.window_start,
        training_windows.out_of_sample_rank_ic,
        window_means.mean_rank_ic
    from training_windows
    inner join window_means
        on
            training_windows.run_id = window_means.run_id
            and training_windows.rule_set = window_means.rule_set
            and training_windows.model = window_means.model
            and training_windows.half_year_window = window_means.half_year_window
    where abs(training_windows.out_of_sample_rank_ic - window_means.mean_rank_ic) > 0.00001
)

select * from differences
