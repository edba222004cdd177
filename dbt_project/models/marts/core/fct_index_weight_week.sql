with

members as (
    select * from {{ ref('int_index_member__weekly') }}
),

drifted as (
    select * from {{ ref('int_index_weight__drifted') }}
),

drifted_weeks as (
    select distinct
        index_symbol,
        week_date,
        as_of_date
    from drifted
),

valued as (
    select
        members.index_symbol,
        members.week_date,
        members.symbol,
        drifted_weeks.as_of_date,
        case
            when drifted_weeks.week_date is not null then drifted.drifted_weight
            else members.circulating_cap_cny
        end as size_in_index
    from members
    left join drifted_weeks
        on
            members.index_symbol = drifted_weeks.index_symbol
            and members.week_date = drifted_weeks.week_date
    left join drifted
        on
            members.index_symbol = drifted.index_symbol
            and members.week_date = drifted.week_date
            and members.symbol = drifted.symbol
),

summed as (
    select
        *,
        sum(size_in_index) over (partition by index_symbol, week_date) as index_size,
        cast(count(size_in_index) over (partition by index_symbol, week_date) as double)
        / count(*) over (partition by index_symbol, week_date) as member_coverage
    from valued
),

final as (
    select
        index_symbol,
        week_date,
        symbol,
        {{ safe_divide('size_in_index', 'index_size') }} as weight,
        case
            when as_of_date is not null then 'reported_drifted'
            else 'rebuilt_circulating_cap'
        end as weight_source,
        as_of_date,
        member_coverage,
        week_date as known_at
    from summed
    where size_in_index is not null
)

select * from final
