with

weekly as (
    select * from {{ ref('int_research_rank_ic__by_week') }}
    where rank_ic is not null
),

trade_dates as (
    select * from {{ ref('dim_trade_date') }}
    where is_in_data
),

year_ends as (
    select
        extract(year from trade_date) as as_of_year,
        max(trade_date) as as_of_date
    from trade_dates
    group by extract(year from trade_date)
),

numbered as (
    select
        *,
        cast(
            dense_rank() over (
                order by
                    rule_set asc nulls last, factor asc nulls last,
                    stage asc nulls last, horizon_weeks asc nulls last
            ) as integer
        ) as series_number
    from weekly
),

-- As of a year end: the weeks whose returns were known by then.
final as (
    select
        numbered.rule_set,
        numbered.factor,
        numbered.stage,
        numbered.horizon_weeks,
        numbered.series_number,
        cast(year_ends.as_of_year as integer) as as_of_year,
        year_ends.as_of_date,
        numbered.week_date,
        numbered.rank_ic,
        numbered.rank_ic - avg(numbered.rank_ic) over (
            partition by numbered.series_number, year_ends.as_of_year
        ) as deviation
    from numbered
    inner join year_ends on numbered.known_at <= year_ends.as_of_date
)

select * from final
