with

labels as (
    select * from {{ ref('fct_label') }}
    where {{ in_label_weeks('week_date') }}
),

final as (
    select
        symbol,
        week_date,
        label_convention,
        {{ pivoted_labels() }}
    from labels
    group by symbol, week_date, label_convention
)

select * from final
