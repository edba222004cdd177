with

regressed as (
    select * from {{ ref('int_factor_week__regressed') }}
),

corrected as (
    select * from {{ ref('int_factor_week__corrected') }}
),

deviated as (
    select
        regressed.rule_set,
        regressed.week_date,
        {{ for_each(
            panel_factors(),
            'regressed.{}_filled_deviation,\n        '
            ~ 'case when ' ~ is_cancelled('regressed.') ~ ' then corrected.{}_slope '
            ~ 'else regressed.{}_slope end as {}_slope,\n        '
            ~ 'case when ' ~ is_cancelled('regressed.') ~ ' then corrected.{}_deviation '
            ~ 'else sqrt(greatest(regressed.{}_residual_square_sum, 0) '
            ~ '/ nullif(regressed.stock_count - 1, 0)) end as {}_deviation') }}
    from regressed
    left join corrected
        on
            regressed.rule_set = corrected.rule_set
            and regressed.week_date = corrected.week_date
),

-- A deviation up to 1e-9 of that of the filled factor, or 1e-12, counts as zero.
judged as (
    select
        rule_set,
        week_date,
        {{ for_each(
            panel_factors(),
            '{}_slope,\n        case when {}_deviation > 1e-12 '
            ~ 'and {}_deviation > 1e-9 * {}_filled_deviation '
            ~ 'then {}_deviation end as {}_deviation') }}
    from deviated
),

final as (
    select
        rule_set,
        week_date,
        {{ for_each(
            panel_factors(),
            '{}_slope,\n        {}_deviation,\n        coalesce(1 / {}_deviation, 0) as {}_scale'
        ) }}
    from judged
)

select * from final
