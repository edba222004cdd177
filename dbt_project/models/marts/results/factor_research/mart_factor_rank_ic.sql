with

summarised as (
    select * from {{ ref('int_research_rank_ic__summarised') }}
),

averaged as (
    select * from {{ ref('int_research_factor__averaged') }}
),

p_values as (
    select * from {{ ref('stg_research_output__factor_p_value') }}
),

-- A family of tests: all factors of a rule set, a stage and a horizon as of one year end.
tested as (
    select
        summarised.*,
        p_values.p_value,
        p_values.p_value_newey_west,
        count(p_values.p_value_newey_west) over (
            partition by
                summarised.rule_set, summarised.stage, summarised.horizon_weeks,
                summarised.as_of_year
        ) as test_count,
        row_number() over (
            partition by
                summarised.rule_set, summarised.stage, summarised.horizon_weeks,
                summarised.as_of_year
            order by p_values.p_value_newey_west asc nulls last, summarised.factor asc nulls last
        ) as test_number,
        max(summarised.as_of_year) over () as last_year,
        max(case when summarised.horizon_weeks = 1 then summarised.mean_rank_ic end) over (
            partition by
                summarised.rule_set, summarised.factor, summarised.stage, summarised.as_of_year
        ) as first_week_mean
    from summarised
    left join p_values
        on
            summarised.rule_set = p_values.rule_set
            and summarised.factor = p_values.factor
            and summarised.stage = p_values.stage
            and summarised.horizon_weeks = p_values.horizon_weeks
            and summarised.as_of_year = p_values.as_of_year
),

-- Benjamini and Hochberg: the least of p m / i over this and all larger p-values; Holm: the largest
-- of p (m - i + 1) over this and all smaller ones.
adjusted as (
    select
        *,
        case when p_value_newey_west is not null then least(
            1.0,
            min(p_value_newey_west * test_count / test_number) over (
                partition by rule_set, stage, horizon_weeks, as_of_year
                order by test_number desc
                rows between unbounded preceding and current row
            )
        ) end as p_value_benjamini_hochberg,
        case when p_value_newey_west is not null then least(
            1.0,
            max(p_value_newey_west * (test_count - test_number + 1)) over (
                partition by rule_set, stage, horizon_weeks, as_of_year
                order by test_number asc
                rows between unbounded preceding and current row
            )
        ) end as p_value_holm
    from tested
),

final as (
    select
        adjusted.rule_set,
        adjusted.factor,
        adjusted.stage,
        adjusted.horizon_weeks,
        adjusted.as_of_year,
        adjusted.as_of_date,
        adjusted.as_of_year = adjusted.last_year as is_latest,
        adjusted.week_count,
        adjusted.first_week_date,
        adjusted.last_week_date,
        adjusted.mean_rank_ic,
        adjusted.std_rank_ic,
        adjusted.ir,
        adjusted.t_stat,
        adjusted.t_stat_newey_west,
        adjusted.positive_share,
        {{ safe_divide('adjusted.mean_rank_ic', 'adjusted.first_week_mean') }}
            as share_of_first_week,
        averaged.rank_autocorrelation,
        averaged.mean_share_present,
        adjusted.p_value,
        adjusted.p_value_newey_west,
        adjusted.test_count,
        adjusted.p_value_benjamini_hochberg,
        adjusted.p_value_holm,
        coalesce(adjusted.p_value_benjamini_hochberg < 0.05, false) as survives_benjamini_hochberg,
        coalesce(adjusted.p_value_holm < 0.05, false) as survives_holm,
        adjusted.as_of_date as known_at
    from adjusted
    left join averaged
        on
            adjusted.rule_set = averaged.rule_set
            and adjusted.factor = averaged.factor
            and adjusted.stage = averaged.stage
            and adjusted.as_of_year = averaged.as_of_year
)

select * from final
