with

models as (
    select * from {{ ref('stg_model_output__model') }}
),

final as (
    select
        run_id,
        rule_set,
        model,
        {{ model_family('model', 'seed') }} as model_family,
        library,
        loss,
        window_mode,
        seed,
        parameters,
        members,
        case
            when concat('-', model, '-') like '%-random-%' then 'random'
            when library in ('rnn', 'lstm', 'gru') then 'order'
        end as stock_order
    from models
)

select * from final
