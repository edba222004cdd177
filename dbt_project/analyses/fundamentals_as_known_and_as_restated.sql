-- What was known of each company a year before the data end, and what do the same figures read as restated?
with

-- Any other date does as well: cast('2020-04-30' as date).
asked as (
    select cast(max(trade_date) - interval 1 year as date) as as_of_date
    from core.fct_bar_daily
),

-- As known on a date: the highest version announced by then.
known as (
    select
        quarters.*,
        asked.as_of_date,
        row_number() over (
            partition by quarters.symbol, quarters.report_period
            order by quarters.version_number desc
        ) as versions_back
    from core.fct_fundamental_quarter as quarters
    inner join asked on quarters.known_at <= asked.as_of_date
)

select
    known.as_of_date,
    known.symbol,
    known.report_period,
    known.version_number,
    known.known_at,
    known.source_table,
    known.parent_net_profit_ttm_cny as known_profit_ttm_cny,
    restated.parent_net_profit_ttm_cny as restated_profit_ttm_cny,
    known.shareholders_equity_cny as known_equity_cny,
    restated.shareholders_equity_cny as restated_equity_cny,
    restated.version_count,
    restated.known_at as restated_at
from known
inner join core.fct_fundamental_restated as restated
    on
        known.symbol = restated.symbol
        and known.report_period = restated.report_period
where known.versions_back = 1
order by
    abs(restated.parent_net_profit_ttm_cny - known.parent_net_profit_ttm_cny) desc nulls last,
    known.symbol asc,
    known.report_period asc
