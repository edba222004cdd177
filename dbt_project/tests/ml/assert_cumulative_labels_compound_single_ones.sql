-- (1 + return over h weeks) = (1 + return over h - 1 weeks) * (1 + return of the h-th week).
with

labels as (
    select * from {{ ref('fct_label') }}
),

compared as (
    select
        labels.symbol,
        labels.week_date,
        labels.label_convention,
        labels.horizon_weeks,
        labels.fwd_return_cum,
        (1 + coalesce(shorter.fwd_return_cum, 0)) * (1 + labels.fwd_return_single) - 1
            as compounded_return
    from labels
    left join labels as shorter
        on
            labels.symbol = shorter.symbol
            and labels.week_date = shorter.week_date
            and labels.label_convention = shorter.label_convention
            and labels.horizon_weeks = shorter.horizon_weeks + 1
    where labels.fwd_return_cum is not null
)

select * from compared
where
    compounded_return is null
    or abs(fwd_return_cum - compounded_return) > 1e-9 * (1 + abs(fwd_return_cum))
