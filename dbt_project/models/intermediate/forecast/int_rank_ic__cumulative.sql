with

labelled as (
    select * from {{ ref('int_forecast__labelled') }}
),

series as (
    select * from {{ ref('int_forecast__series') }}
),

final as (
    {{ weekly_rank_ic('labelled', 'series', 'cumulative') }}
)

select * from final
