with

claims as (
    select * from {{ ref('paper_claim') }}
),

model_pairs as (
    select * from {{ ref('int_claim_pair__models') }}
),

-- The study neither prices nor bounds risk.
scenarios as (
    select * from {{ ref('dim_scenario') }}
    where risk_aversion is null and tracking_error_limit is null
),

-- A band of one binds nothing in print. Near: as far from 0.4 as the grid of the study is wide.
banded as (
    select
        scenario_id,
        run_id,
        rule_set,
        model,
        coalesce(barra_limit, 1) as band,
        coalesce(barra_limit, 1) >= 1 as is_unbanded,
        abs(coalesce(barra_limit, 1) - 0.4) as distance,
        coalesce(cast(barra_limit as {{ dbt.type_string() }}), 'none') as band_label,
        concat(
            benchmark, ', ', cast(num_stock as {{ dbt.type_string() }}), ' names, turnover ',
            cast(turnover_limit as {{ dbt.type_string() }})
        ) as shown_settings,
        concat_ws(
            '|', benchmark, num_stock, turnover_limit, industry_limit, cost_rate, fee_schedule,
            execution_policy, adjustment
        ) as other_settings
    from scenarios
    where not is_variant
),

ranked as (
    select
        banded.*,
        row_number() over (
            partition by run_id, rule_set, model, other_settings
            order by distance asc nulls last, band asc nulls last, scenario_id asc nulls last
        ) as nearest_first
    from banded
),

of_one_model as (
    select
        first_runs.run_id,
        first_runs.rule_set,
        first_runs.scenario_id as first_scenario_id,
        second_runs.scenario_id as second_scenario_id,
        concat(
            'barra ', first_runs.band_label, ' against ', second_runs.band_label, ': ',
            first_runs.model, ', ', first_runs.shown_settings
        ) as pair_label,
        case
            when first_runs.is_unbanded then 'unbanded_banded'
            when second_runs.is_unbanded then 'banded_unbanded'
        end as comparison,
        first_runs.nearest_first = 1 and first_runs.distance < 0.15 as is_near_band
    from ranked as first_runs
    inner join ranked as second_runs
        on
            first_runs.run_id = second_runs.run_id
            and first_runs.rule_set = second_runs.rule_set
            and first_runs.model = second_runs.model
            and first_runs.other_settings = second_runs.other_settings
            and first_runs.band <> second_runs.band
),

of_two_models as (
    select
        model_pairs.claim,
        model_pairs.run_id,
        model_pairs.rule_set,
        first_runs.scenario_id as first_scenario_id,
        second_runs.scenario_id as second_scenario_id,
        concat(
            first_runs.model, ' against ', second_runs.model, ': barra ',
            first_runs.band_label, ', ', first_runs.shown_settings
        ) as pair_label
    from model_pairs
    inner join banded as first_runs
        on
            model_pairs.run_id = first_runs.run_id
            and model_pairs.rule_set = first_runs.rule_set
            and model_pairs.first_model = first_runs.model
    inner join banded as second_runs
        on
            model_pairs.run_id = second_runs.run_id
            and model_pairs.rule_set = second_runs.rule_set
            and model_pairs.second_model = second_runs.model
            and first_runs.other_settings = second_runs.other_settings
            and first_runs.band = second_runs.band
    where model_pairs.comparison in ('choices', 'backtests')
),

final as (
    select * from of_two_models
    union all
    select
        claims.claim,
        of_one_model.run_id,
        of_one_model.rule_set,
        of_one_model.first_scenario_id,
        of_one_model.second_scenario_id,
        of_one_model.pair_label
    from claims
    inner join of_one_model
        on
            claims.comparison = of_one_model.comparison
            or (claims.comparison = 'near_band' and of_one_model.is_near_band)
)

select * from final
