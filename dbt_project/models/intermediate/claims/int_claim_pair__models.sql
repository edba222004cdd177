with

claims as (
    select * from {{ ref('paper_claim') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

-- A key is its tokens joined by dashes: with dashes around it each token can be found whole.
keyed as (
    select
        run_id,
        rule_set,
        model,
        parameters,
        concat('-', model, '-') as dashed_key
    from models
),

final as (
    select
        claims.claim,
        claims.comparison,
        first_models.run_id,
        first_models.rule_set,
        first_models.model as first_model,
        second_models.model as second_model,
        first_models.parameters <> second_models.parameters as has_other_parameters
    from claims
    inner join keyed as first_models
        on first_models.dashed_key like concat('%-', claims.first_token, '-%')
    inner join keyed as second_models
        on
            first_models.run_id = second_models.run_id
            and first_models.rule_set = second_models.rule_set
            and second_models.dashed_key = replace(
                first_models.dashed_key,
                concat('-', claims.first_token, '-'),
                concat('-', claims.second_token, '-')
            )
    where claims.comparison in ('models', 'choices')
)

select * from final
