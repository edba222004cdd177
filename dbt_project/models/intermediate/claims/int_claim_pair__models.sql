with

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

-- A key is its tokens joined by dashes: with dashes around it each token can be found whole. A
-- first token that is NULL stands for keys without the second one.
described as (
    select
        run_id,
        rule_set,
        model,
        library in ('rnn', 'lstm', 'gru') as is_net,
        parameters,
        concat('-', model, '-') as dashed_key
    from series
),

tokens as (
    select
        claim,
        comparison,
        case when first_token is null then '-' else concat('-', first_token, '-') end
            as first_dashed,
        concat('-', second_token, '-') as second_dashed
    from claims
    where comparison in ('models', 'nets', 'backtests')
),

by_token as (
    select
        tokens.claim,
        tokens.comparison,
        first_models.run_id,
        first_models.rule_set,
        first_models.model as first_model,
        second_models.model as second_model,
        first_models.parameters <> second_models.parameters as has_other_parameters
    from tokens
    inner join described as second_models
        on second_models.dashed_key like concat('%', tokens.second_dashed, '%')
    inner join described as first_models
        on
            second_models.run_id = first_models.run_id
            and second_models.rule_set = first_models.rule_set
            and first_models.dashed_key = replace(
                second_models.dashed_key, tokens.second_dashed, tokens.first_dashed
            )
    where tokens.comparison <> 'nets' or first_models.is_net
),

choices as (
    select
        run_id,
        rule_set,
        model,
        members,
        {{ json_text('parameters', "'by'") }} as choice_rule
    from models
    where library = 'choice'
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
    inner join choices as first_models on claims.first_token = first_models.choice_rule
    inner join choices as second_models
        on
            claims.second_token = second_models.choice_rule
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
