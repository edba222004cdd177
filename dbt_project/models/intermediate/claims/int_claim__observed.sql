with

pairs as (
    select * from {{ ref('int_claim_pair__listed') }}
),

claims as (
    select * from {{ ref('paper_claim') }}
),

dated_series as (
    select * from {{ ref('int_claim_series__by_week') }}
),

sampled_series as (
    select * from {{ ref('int_claim_series__by_window') }}
),

nav_weeks as (
    select * from {{ ref('int_nav__by_week') }}
),

described_pairs as (
    select
        pairs.*,
        claims.comparison,
        claims.measure,
        claims.statistic
    from pairs
    inner join claims on pairs.claim = claims.claim
),

final as (
    select
        described_pairs.run_id,
        described_pairs.rule_set,
        described_pairs.claim,
        described_pairs.first_series,
        described_pairs.second_series,
        described_pairs.statistic,
        first_weeks.observation_date,
        first_weeks.measured_value as first_value,
        second_weeks.measured_value as second_value
    from described_pairs
    inner join dated_series as first_weeks
        on
            described_pairs.run_id = first_weeks.run_id
            and described_pairs.rule_set = first_weeks.rule_set
            and described_pairs.first_series = first_weeks.model
            and described_pairs.measure = first_weeks.measure
    inner join dated_series as second_weeks
        on
            described_pairs.run_id = second_weeks.run_id
            and described_pairs.rule_set = second_weeks.rule_set
            and described_pairs.second_series = second_weeks.model
            and described_pairs.measure = second_weeks.measure
            and first_weeks.observation_date = second_weeks.observation_date
    where described_pairs.comparison in ('models', 'nets')
    union all
    select
        described_pairs.run_id,
        described_pairs.rule_set,
        described_pairs.claim,
        described_pairs.first_series,
        described_pairs.second_series,
        described_pairs.statistic,
        first_weeks.week_date as observation_date,
        case described_pairs.statistic
            when 'sharpe_ratio' then first_weeks.nav_return else first_weeks.excess_return
        end as first_value,
        case described_pairs.statistic
            when 'sharpe_ratio' then second_weeks.nav_return else second_weeks.excess_return
        end as second_value
    from described_pairs
    inner join nav_weeks as first_weeks
        on described_pairs.first_series = first_weeks.scenario_id
    inner join nav_weeks as second_weeks
        on
            described_pairs.second_series = second_weeks.scenario_id
            and first_weeks.week_date = second_weeks.week_date
    union all
    select
        described_pairs.run_id,
        described_pairs.rule_set,
        described_pairs.claim,
        described_pairs.first_series,
        described_pairs.second_series,
        described_pairs.statistic,
        sampled_series.observation_date,
        sampled_series.in_sample_rank_ic as first_value,
        sampled_series.out_of_sample_rank_ic as second_value
    from described_pairs
    inner join sampled_series
        on
            described_pairs.run_id = sampled_series.run_id
            and described_pairs.rule_set = sampled_series.rule_set
            and described_pairs.first_series = sampled_series.model
    where described_pairs.comparison = 'samples'
)

select * from final
