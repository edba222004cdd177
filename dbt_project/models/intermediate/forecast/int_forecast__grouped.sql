with

labelled as (
    select * from {{ ref('int_forecast__labelled') }}
),

next_week as (
    select
        run_id,
        rule_set,
        model,
        series_number,
        symbol,
        week_date,
        prediction,
        fwd_return,
        label_known_at,
        count(*) over (partition by series_number, week_date) as stock_count
    from labelled
    where
        horizon_weeks = 1
        and label_kind = 'cumulative'
),

final as (
    select
        run_id,
        rule_set,
        model,
        series_number,
        symbol,
        week_date,
        cast(ntile({{ var('group_count') }}) over (
            partition by series_number, week_date
            order by prediction nulls last, symbol
        ) as integer) as group_number,
        prediction,
        fwd_return,
        label_known_at
    from next_week
    where stock_count >= {{ var('group_count') }}
)

select * from final
