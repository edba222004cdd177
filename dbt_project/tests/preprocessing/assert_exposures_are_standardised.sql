-- Each week every factor has mean 0 and deviation 1 over the universe, or is 0 throughout.
with

exposures as (
    select * from {{ ref('fct_factor_exposure') }}
),

moments as (
    {{ for_each(
        panel_factors(),
        "select rule_set, week_date, '{}' as factor, avg(cast({} as double)) as mean_exposure,"
        ~ " stddev_samp(cast({} as double)) as deviation, max(abs({})) as largest"
        ~ " from exposures group by rule_set, week_date",
        '\n    union all\n    ') }}
)

select * from moments
where
    abs(mean_exposure) > 1e-5
    or (largest > 0 and abs(deviation - 1) > 1e-4)
    or deviation is null and largest > 0
