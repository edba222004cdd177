{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'mart_pnl_attribution'}}}) }}
-- Sessions without factor returns or index weights have a return that nothing explains.
select
    scenario_id,
    attribution_period,
    unexplained_session_count,
    contribution
from {{ ref('mart_pnl_attribution') }}
where component = 'unexplained' and unexplained_session_count > 0
