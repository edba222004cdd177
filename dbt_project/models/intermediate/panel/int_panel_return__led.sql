with

labels as (
    select * from {{ ref('fct_label') }}
    where horizon_weeks = 1
),

-- A share has a row in every week of its listing: the one-week return h - 1 rows on is that of the
-- h-th week alone.
final as (
    select
        symbol,
        week_date,
        label_convention,
        {{ for_each(
            research_horizons(),
            'lead(fwd_return_cum, {} - 1) over (\n            '
            ~ 'partition by symbol, label_convention order by week_date\n        '
            ~ ') as fwd_return_{}w') }}
    from labels
)

select * from final
