{{ config(meta={'dagster': {'ref': {'name': 'mart_rank_ic_statistics'}}}) }}
-- What SQL can compute of the statistics from the weekly rows equals what was handed over.
with

weeks as (
    select
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind,
        rank_ic,
        p_value,
        avg(rank_ic) over (
            partition by run_id, rule_set, model, horizon_weeks, label_kind
        ) as mean_rank_ic
    from {{ ref('fct_rank_ic_week') }}
    where rank_ic is not null
),

-- Sums of powers of deviations from the mean: raw moments would cancel.
moments as (
    select
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind,
        cast(count(*) as double) as n,
        avg(rank_ic) as mean_value,
        avg(power(rank_ic - mean_rank_ic, 2)) as m2,
        avg(power(rank_ic - mean_rank_ic, 3)) as m3,
        avg(power(rank_ic - mean_rank_ic, 4)) as m4,
        sum(case when rank_ic > 0 then 1.0 else 0.0 end) as positive_count,
        sum(case when rank_ic < 0 then 1.0 else 0.0 end) as negative_count,
        sum(case when rank_ic > 0 and p_value < 0.05 then 1.0 else 0.0 end) as sig_positive_count,
        sum(case when rank_ic < 0 and p_value < 0.05 then 1.0 else 0.0 end) as sig_negative_count,
        sum(case when p_value < 0.05 then 1.0 else 0.0 end) as significant_count
    from weeks
    group by run_id, rule_set, model, horizon_weeks, label_kind
),

handed_over as (
    select * from {{ ref('mart_rank_ic_statistics') }}
),

compared as (
    select
        handed_over.*,
        case handed_over.statistic
            when 'week_count' then moments.n
            when 'mean' then moments.mean_value
            when 'std' then sqrt(moments.m2 * moments.n / (moments.n - 1))
            when 'ir' then moments.mean_value / sqrt(moments.m2 * moments.n / (moments.n - 1))
            when 't_stat' then moments.mean_value / sqrt(moments.m2 / (moments.n - 1))
            when 'skew'
                then
                    sqrt(moments.n * (moments.n - 1)) / (moments.n - 2)
                    * moments.m3 / power(moments.m2, 1.5)
            when 'kurtosis'
                then
                    (moments.n - 1) / ((moments.n - 2) * (moments.n - 3))
                    * ((moments.n + 1) * (moments.m4 / power(moments.m2, 2) - 3) + 6)
            when 'positive' then moments.positive_count
            when 'negative' then moments.negative_count
            when 'sig_positive' then moments.sig_positive_count / moments.n
            when 'sig_negative' then moments.sig_negative_count / moments.n
            when 'significance' then moments.significant_count / moments.n
        end as recomputed
    from handed_over
    inner join moments
        on
            handed_over.run_id = moments.run_id
            and handed_over.rule_set = moments.rule_set
            and handed_over.model = moments.model
            and handed_over.horizon_weeks = moments.horizon_weeks
            and handed_over.label_kind = moments.label_kind
    where
        moments.n > 3
        and moments.m2 > 0
),

differences as (
    select * from compared
    where
        recomputed is not null
        and (value is null or abs(value - recomputed) > 1e-9 * greatest(1, abs(recomputed)))
)

select * from differences
