with

labelled as (
    select * from {{ ref('int_forecast__labelled') }}
),

final as (
    {{ weekly_rank_correlation('labelled', 'cumulative') }}
)

select * from final
