with

seasonality as (
    select * from {{ ref('stg_model_output__rank_ic_seasonality') }}
),

final as (
    select
        run_id,
        rule_set,
        model,
        month_count,
        first_month_start,
        last_month_start,
        explained_share,
        p_value,
        case
            when month_count < 24
                then
                    concat(
                        cast(month_count as {{ dbt.type_string() }}),
                        ' months with a Rank IC: 24 are the least'
                    )
            when p_value is null then 'the Rank IC does not vary within years'
        end as missing_reason,
        permutation_count,
        seed
    from seasonality
)

select * from final
