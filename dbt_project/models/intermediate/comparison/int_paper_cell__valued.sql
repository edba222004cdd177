with

trained as (
    select * from {{ ref('int_paper_cell__trained') }}
),

searched as (
    select * from {{ ref('int_paper_cell__searched') }}
),

shaped as (
    select * from {{ ref('int_paper_cell__shaped') }}
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
    select * from searched
    union all
    select * from shaped
    union all
    select * from judged
    union all
    select * from traded
)

select * from final
