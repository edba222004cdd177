{{ config(meta={'dagster': {'ref': {'name': 'fct_rank_ic_week'}}}) }}
-- A missing Rank IC has a cause, and the p-value is there exactly where the Rank IC is.
select *
from {{ ref('fct_rank_ic_week') }}
where
    (rank_ic is not null and (stock_count < 30 or is_degenerate))
    or (rank_ic is null) <> (p_value is null)
