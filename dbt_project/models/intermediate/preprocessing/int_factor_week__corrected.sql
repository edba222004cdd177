with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

bounded as (
    select * from {{ ref('int_factor_week__bounded') }}
),

filled as (
    select * from {{ ref('int_factor_industry_week__filled') }}
),

regressed as (
    select * from {{ ref('int_factor_week__regressed') }}
),

judged as (
    select
        rule_set,
        week_date,
        stock_count,
        log_cap_square_sum,
        {{ for_each(panel_factors(), is_cancelled() ~ ' as {}_is_cancelled') }}
    from regressed
),

cancelled as (
    select * from judged
    where {{ for_each(panel_factors(), '{}_is_cancelled', ' or ') }}
),

demeaned as (
    select
        selected.rule_set,
        selected.week_date,
        selected.log_cap_centred,
        {{ for_each(
            panel_factors(),
            'case when cancelled.{}_is_cancelled then ' ~ demeaned_value() ~ ' end as {}') }}
    from selected
    inner join cancelled
        on
            selected.rule_set = cancelled.rule_set
            and selected.week_date = cancelled.week_date
    inner join bounded
        on
            selected.rule_set = bounded.rule_set
            and selected.week_date = bounded.week_date
    inner join filled
        on
            selected.rule_set = filled.rule_set
            and selected.week_date = filled.week_date
            and selected.industry_code = filled.industry_code
),

summed as (
    select
        rule_set,
        week_date,
        {{ for_each(panel_factors(), 'sum({} * log_cap_centred) as {}_product_sum') }}
    from demeaned
    group by rule_set, week_date
),

multiplied as (
    select
        summed.*,
        cancelled.stock_count,
        cancelled.log_cap_square_sum
    from summed
    inner join cancelled
        on
            summed.rule_set = cancelled.rule_set
            and summed.week_date = cancelled.week_date
),

sloped as (
    select
        *,
        {{ neutral_slopes(panel_factors()) }}
    from multiplied
),

-- From the residuals themselves, where sums would cancel exactly where they decide whether anything
-- is left.
final as (
    select
        demeaned.rule_set,
        demeaned.week_date,
        {{ for_each(
            panel_factors(),
            'max(sloped.{}_slope) as {}_slope,\n        '
            ~ 'stddev_samp(demeaned.{} - sloped.{}_slope * demeaned.log_cap_centred) '
            ~ 'as {}_deviation') }}
    from demeaned
    inner join sloped
        on
            demeaned.rule_set = sloped.rule_set
            and demeaned.week_date = sloped.week_date
    group by demeaned.rule_set, demeaned.week_date
)

select * from final
