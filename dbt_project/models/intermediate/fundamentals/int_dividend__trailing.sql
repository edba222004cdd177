with

weeks as (
    select * from {{ ref('int_fundamental_week__dated') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where {{ in_stale_weeks('trade_date') }}
),

dividends as (
    select * from {{ ref('int_dividend__summed') }}
),

coverage as (
    select min(ex_date) as first_ex_date
    from dividends
),

-- Cash went to the shares of before the distribution; each has since become as many as the bonus
-- shares up to week_date make of it.
received as (
    select
        weeks.symbol,
        weeks.week_date,
        sum(dividends.cash_per_share * exp(dividends.log_share_growth_before))
        / exp(max(dividends.log_share_growth)) as cash_per_share
    from weeks
    inner join dividends
        on
            weeks.symbol = dividends.symbol
            and weeks.week_date >= dividends.ex_date
            and weeks.week_date >= dividends.known_at
            and weeks.week_date < {{ dbt.dateadd('month', 12, 'dividends.ex_date') }}
    group by weeks.symbol, weeks.week_date
),

-- No distribution is a yield of 0 only where the table reaches back over the twelve months.
final as (
    select
        weeks.symbol,
        weeks.week_date,
        case
            when {{ dbt.dateadd('month', 12, 'coverage.first_ex_date') }} <= weeks.week_date
                then {{ positive_divide('coalesce(received.cash_per_share, 0)', 'bars.close') }}
        end as dividend_yield_ttm
    from weeks
    cross join coverage
    left join received
        on
            weeks.symbol = received.symbol
            and weeks.week_date = received.week_date
    left join bars
        on
            weeks.symbol = bars.symbol
            and weeks.week_date = bars.trade_date
)

select * from final
