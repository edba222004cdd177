with

model_pairs as (
    select * from {{ ref('int_claim_pair__models') }}
),

scenario_pairs as (
    select * from {{ ref('int_claim_pair__scenarios') }}
),

claims as (
    select * from {{ ref('paper_claim') }}
),

models as (
    select * from {{ ref('int_model__grouped') }}
    where not is_crossed
),

series as (
    select * from {{ ref('int_claim_series__named') }}
),

final as (
    select
        claim,
        run_id,
        rule_set,
        first_model as first_series,
        second_model as second_series,
        concat(
            first_model, ' against ', second_model,
            case when has_other_parameters then ' (with other parameters)' else '' end
        ) as pair_label
    from model_pairs
    where comparison in ('models', 'nets')
    union all
    select
        claim,
        run_id,
        rule_set,
        first_scenario_id as first_series,
        second_scenario_id as second_series,
        pair_label
    from scenario_pairs
    union all
    select
        claims.claim,
        models.run_id,
        models.rule_set,
        models.model as first_series,
        models.model as second_series,
        models.model as pair_label
    from claims
    cross join models
    where claims.comparison = 'months'
    union all
    select
        claims.claim,
        series.run_id,
        series.rule_set,
        series.model as first_series,
        series.model as second_series,
        series.model as pair_label
    from claims
    cross join series
    where claims.comparison = 'samples' and series.library in ('rnn', 'lstm', 'gru')
)

select * from final
