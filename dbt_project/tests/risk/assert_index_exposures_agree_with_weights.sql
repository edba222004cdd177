-- Industries of an index sum to 1, and each style agrees with the weights and exposures it is made
-- of, asked for share by share.
with

exposures as (
    select * from {{ ref('mart_index_exposure_week') }}
),

weights as (
    select * from {{ ref('fct_index_weight_week') }}
),

styles as (
    select * from {{ ref('fct_style_exposure') }}
),

industry_sums as (
    select
        index_symbol,
        week_date,
        sum(exposure) as total
    from exposures
    where exposure_kind = 'industry'
    group by index_symbol, week_date
),

recomputed as (
    select
        weights.index_symbol,
        weights.week_date,
        {{ for_each(computed_styles(), 'sum(weights.weight * styles.{}) as {}') }}
    from weights
    inner join styles
        on
            weights.symbol = styles.symbol
            and weights.week_date = styles.week_date
    group by weights.index_symbol, weights.week_date
),

faults as (
    select
        index_symbol,
        week_date,
        'industry' as exposure_name
    from industry_sums
    where abs(total - 1) > 1e-9
    union all
    select
        recomputed.index_symbol,
        recomputed.week_date,
        exposures.exposure_name
    from recomputed
    left join exposures
        on
            recomputed.index_symbol = exposures.index_symbol
            and recomputed.week_date = exposures.week_date
            and exposures.exposure_kind = 'style'
    where
        exposures.exposure_name is null
        or not case exposures.exposure_name
            {{ for_each(
                computed_styles(),
                "when '{}' then abs(recomputed.{} - exposures.exposure) < 1e-9",
                '\n            ') }}
        end
)

select * from faults
