-- What the tables give for the portfolios that are there to test them, the indices of every week.
select
    index_symbol,
    week_date,
    factor_variance,
    specific_variance
from {{ ref('int_index_risk__forecast') }}
where
    factor_variance is null
    or specific_variance is null
    or factor_variance <= 0
    or specific_variance <= 0
