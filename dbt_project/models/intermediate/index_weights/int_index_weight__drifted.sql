with

index_weights as (
    select * from {{ ref('stg_landing__index_weights') }}
),

snapshots as (
    select * from {{ ref('int_index_snapshot__latest') }}
),

members as (
    select * from {{ ref('int_index_member__weekly') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

member_counts as (
    select
        index_symbol,
        week_date,
        count(*) as member_count
    from members
    group by index_symbol, week_date
),

reported as (
    select
        snapshots.index_symbol,
        snapshots.week_date,
        snapshots.as_of_date,
        snapshots.as_of_session_date,
        index_weights.symbol,
        index_weights.weight,
        members.adj_close,
        count(*) over (
            partition by snapshots.index_symbol, snapshots.week_date
        ) as reported_count,
        count(members.symbol) over (
            partition by snapshots.index_symbol, snapshots.week_date
        ) as matched_count
    from snapshots
    inner join index_weights
        on
            snapshots.index_symbol = index_weights.index_symbol
            and snapshots.as_of_date = index_weights.as_of_date
    left join members
        on
            snapshots.index_symbol = members.index_symbol
            and snapshots.week_date = members.week_date
            and index_weights.symbol = members.symbol
),

-- Published weights serve as long as the index holds the same names.
unchanged as (
    select reported.*
    from reported
    inner join member_counts
        on
            reported.index_symbol = member_counts.index_symbol
            and reported.week_date = member_counts.week_date
    where
        reported.reported_count = member_counts.member_count
        and reported.matched_count = member_counts.member_count
),

final as (
    select
        unchanged.index_symbol,
        unchanged.week_date,
        unchanged.symbol,
        unchanged.as_of_date,
        unchanged.weight * {{ safe_divide('unchanged.adj_close', 'bars.adj_close') }}
            as drifted_weight
    from unchanged
    left join bars
        on
            unchanged.symbol = bars.symbol
            and unchanged.as_of_session_date = bars.trade_date
)

select * from final
