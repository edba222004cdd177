with

predictions as (
    select * from {{ ref('stg_model_output__prediction') }}
),

distinct_series as (
    select distinct
        run_id,
        rule_set,
        model
    from predictions
),

-- A number in place of three texts: ranking windows over it take half the time.
final as (
    select
        run_id,
        rule_set,
        model,
        cast(
            row_number() over (
                order by run_id asc nulls last, rule_set asc nulls last, model asc nulls last
            ) as integer
        ) as series_number
    from distinct_series
)

select * from final
