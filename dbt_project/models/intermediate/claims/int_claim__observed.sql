with

pairs as (
    select * from {{ ref('int_claim_pair__listed') }}
),

claims as (
    select * from {{ ref('paper_claim') }}
),

rank_ic_weeks as (
    select * from {{ ref('int_rank_ic__by_week') }}
),

nav_weeks as (
    select * from {{ ref('int_nav__by_week') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

dated as (
    select
        run_id,
        rule_set,
        model,
        week_date,
        rank_ic
    from rank_ic_weeks
    where horizon_weeks = 1 and label_kind = 'cumulative' and rank_ic is not null
),

described_pairs as (
    select
        pairs.*,
        claims.comparison,
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
        first_weeks.week_date as observation_date,
        first_weeks.rank_ic as first_value,
        second_weeks.rank_ic as second_value
    from described_pairs
    inner join dated as first_weeks
        on
            described_pairs.run_id = first_weeks.run_id
            and described_pairs.rule_set = first_weeks.rule_set
            and described_pairs.first_series = first_weeks.model
    inner join dated as second_weeks
        on
            described_pairs.run_id = second_weeks.run_id
            and described_pairs.rule_set = second_weeks.rule_set
            and described_pairs.second_series = second_weeks.model
            and first_weeks.week_date = second_weeks.week_date
    where described_pairs.comparison = 'models'
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
        training_windows.window_start as observation_date,
        training_windows.in_sample_rank_ic as first_value,
        training_windows.out_of_sample_rank_ic as second_value
    from described_pairs
    inner join training_windows
        on
            described_pairs.run_id = training_windows.run_id
            and described_pairs.rule_set = training_windows.rule_set
            and described_pairs.first_series = training_windows.model
    where
        described_pairs.comparison = 'samples'
        and training_windows.in_sample_rank_ic is not null
        and training_windows.out_of_sample_rank_ic is not null
)

select * from final
