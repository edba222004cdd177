with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

located as (
    select * from {{ ref('int_factor_week__located') }}
),

spread as (
    select * from {{ ref('int_factor_week__spread') }}
),

-- Percentiles are wanted only where the median deviation is zero and only by `practitioner`;
-- elsewhere the aggregates see nothing.
tailed as (
    select
        selected.rule_set,
        selected.week_date,
        {{ for_each(
            panel_factors(),
            quantile_value('case when spread.{}_mad = 0 then selected.{} end', 0.01)
            ~ ' as {}_lower,\n        '
            ~ quantile_value('case when spread.{}_mad = 0 then selected.{} end', 0.99)
            ~ ' as {}_upper') }}
    from selected
    inner join spread
        on
            selected.rule_set = spread.rule_set
            and selected.week_date = spread.week_date
    where selected.rule_set = 'practitioner'
    group by selected.rule_set, selected.week_date
),

-- An interpolated percentile may miss the value it stands for by its rounding; moved outwards by
-- more than that, it clips what lies beyond it and nothing else.
final as (
    select
        located.rule_set,
        located.week_date,
        {{ for_each(
            panel_factors(),
            'coalesce(located.{}_median, 0) as {}_centre,\n        '
            ~ 'case when spread.{}_mad > 0 then located.{}_median - 5 * spread.{}_mad '
            ~ 'else tailed.{}_lower - 1e-12 * abs(tailed.{}_lower) end as {}_lower,\n        '
            ~ 'case when spread.{}_mad > 0 then located.{}_median + 5 * spread.{}_mad '
            ~ 'else tailed.{}_upper + 1e-12 * abs(tailed.{}_upper) end as {}_upper') }}
    from located
    inner join spread
        on
            located.rule_set = spread.rule_set
            and located.week_date = spread.week_date
    left join tailed
        on
            located.rule_set = tailed.rule_set
            and located.week_date = tailed.week_date
)

select * from final
