with

blocks as (
    select distinct block from {{ ref('int_scenario_block__summed') }}
),

-- Every way to choose five of the ten blocks, each once.
chosen as (
    select
        first_blocks.block as block_1,
        second_blocks.block as block_2,
        third_blocks.block as block_3,
        fourth_blocks.block as block_4,
        fifth_blocks.block as block_5
    from blocks as first_blocks
    inner join blocks as second_blocks on first_blocks.block < second_blocks.block
    inner join blocks as third_blocks on second_blocks.block < third_blocks.block
    inner join blocks as fourth_blocks on third_blocks.block < fourth_blocks.block
    inner join blocks as fifth_blocks on fourth_blocks.block < fifth_blocks.block
),

numbered as (
    select
        chosen.*,
        row_number() over (
            order by
                block_1 asc nulls last,
                block_2 asc nulls last,
                block_3 asc nulls last,
                block_4 asc nulls last,
                block_5 asc nulls last
        ) as combination
    from chosen
),

final as (
    {{ stacked_blocks('numbered', 5) }}
)

select * from final
