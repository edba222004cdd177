with

models as (
    select * from {{ ref('int_model__grouped') }}
),

statistics as (
    select * from {{ ref('mart_rank_ic_statistics') }}
),

window_means as (
    select * from {{ ref('int_window_rank_ic__averaged') }}
),

measured as (
    select
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind,
        statistic,
        value
    from statistics
    where value is not null
    union all
    select
        run_id,
        rule_set,
        model,
        1 as horizon_weeks,
        'cumulative' as label_kind,
        statistic,
        value
    from window_means
    where value is not null
),

final as (
    select
        models.run_id,
        models.rule_set,
        models.model_family,
        measured.horizon_weeks,
        measured.label_kind,
        measured.statistic,
        count(*) as seed_count,
        avg(measured.value) as mean_value,
        stddev_samp(measured.value) as std_value,
        min(measured.value) as min_value,
        max(measured.value) as max_value
    from measured
    inner join models
        on
            measured.run_id = models.run_id
            and measured.rule_set = models.rule_set
            and measured.model = models.model
    group by
        models.run_id, models.rule_set, models.model_family, measured.horizon_weeks,
        measured.label_kind, measured.statistic
)

select * from final
