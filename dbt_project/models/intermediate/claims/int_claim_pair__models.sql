with

claims as (
    select * from {{ ref('paper_claim') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

-- A key is its tokens joined by dashes: with dashes around it each token can be found whole.
described as (
    select
        run_id,
        rule_set,
        model,
        library,
        parameters,
        members,
        concat('-', model, '-') as dashed_key,
        {{ json_text('parameters', "'by'") }} as choice_rule
    from models
),

by_token as (
    select
        claims.claim,
        claims.comparison,
        first_models.run_id,
        first_models.rule_set,
        first_models.model as first_model,
        second_models.model as second_model,
        first_models.parameters <> second_models.parameters as has_other_parameters
    from claims
    inner join described as first_models
        on first_models.dashed_key like concat('%-', claims.first_token, '-%')
    inner join described as second_models
        on
            first_models.run_id = second_models.run_id
            and first_models.rule_set = second_models.rule_set
            and second_models.dashed_key = replace(
                first_models.dashed_key,
                concat('-', claims.first_token, '-'),
                concat('-', claims.second_token, '-')
            )
    where claims.comparison = 'models'
),

-- Choices have names of their own: what they choose from, and by what, says which belong together.
by_choice_rule as (
    select
        claims.claim,
        claims.comparison,
        first_models.run_id,
        first_models.rule_set,
        first_models.model as first_model,
        second_models.model as second_model,
        false as has_other_parameters
    from claims
    inner join described as first_models
        on
            first_models.library = 'choice'
            and claims.first_token = first_models.choice_rule
    inner join described as second_models
        on
            second_models.library = 'choice'
            and claims.second_token = second_models.choice_rule
            and first_models.run_id = second_models.run_id
            and first_models.rule_set = second_models.rule_set
            and first_models.members = second_models.members
    where claims.comparison = 'choices'
),

final as (
    select * from by_token
    union all
    select * from by_choice_rule
)

select * from final
