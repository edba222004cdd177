with

styles as (
    select * from {{ ref('int_style__completed') }}
),

counted as (
    {{ for_each(
        computed_styles(),
        "select '{}' as style, week_date, in_universe, {} is null as is_missing from styles",
        '\n    union all\n    ') }}
),

final as (
    select
        style,
        week_date,
        count(*) as stock_count,
        cast(sum(case when is_missing then 1 else 0 end) as bigint) as missing_count,
        cast(sum(case when in_universe then 1 else 0 end) as bigint) as universe_count,
        cast(sum(case when in_universe and is_missing then 1 else 0 end) as bigint)
            as universe_missing_count,
        week_date as known_at
    from counted
    group by style, week_date
)

select * from final
