-- An index that the source does not know would leave the universe empty without a word: mend
-- `universe_index` in the experiment file.
with

index_members as (
    select * from {{ ref('stg_landing__index_members') }}
    where index_symbol = '{{ var("universe_index") }}'
),

counted as (
    select count(*) as span_count from index_members
)

select * from counted
where span_count = 0 and '{{ var("universe_index") }}' <> ''
