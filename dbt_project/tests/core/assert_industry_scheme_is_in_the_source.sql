-- A scheme that the source does not know would leave every share without industry and the universe
-- empty without a word: mend `industry_scheme` in the experiment file.
with

industries as (
    select * from {{ ref('int_industry__bounded') }}
),

counted as (
    select count(*) as span_count from industries
)

select * from counted
where span_count = 0
