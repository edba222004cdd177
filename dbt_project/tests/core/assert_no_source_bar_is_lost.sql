-- A bar of the source that lies outside the listing of its share would vanish without a word.
with

source_bars as (
    select * from {{ ref('stg_landing__daily_bars') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

source_counts as (
    select
        symbol,
        count(*) as source_count
    from source_bars
    group by symbol
),

kept_counts as (
    select
        bars.symbol,
        count(*) as kept_count
    from bars
    inner join source_bars
        on
            bars.symbol = source_bars.symbol
            and bars.trade_date = source_bars.trade_date
    group by bars.symbol
)

select source_counts.*
from source_counts
left join kept_counts on source_counts.symbol = kept_counts.symbol
where source_counts.source_count <> coalesce(kept_counts.kept_count, 0)
