with

trained as (
    select * from {{ ref('int_paper_cell__trained') }}
),

judged as (
    select * from {{ ref('int_paper_cell__judged') }}
),

traded as (
    select * from {{ ref('int_paper_cell__traded') }}
),

final as (
    select * from trained
    union all
    select * from judged
    union all
    select * from traded
)

select * from final
