with

cells as (
    select * from {{ ref('int_paper_cell__matched') }}
),

ours as (
    select * from {{ ref('int_paper_cell__valued') }}
),

of_study as (
    select * from {{ ref('mart_paper_scenario') }}
),

snapshots as (
    select * from {{ ref('fct_source_snapshot') }}
),

not_traded as (
    select
        rule_set,
        -- Figure 17 shows the back-tests of table 14.
        case paper_scenario when 'table_10' then 10 else 14 end as paper_table,
        library,
        barra_limit,
        num_stock,
        min(reason) as reason
    from of_study
    where paper_scenario in ('table_10', 'table_14', 'figure_17') and reason is not null
    group by
        rule_set,
        case paper_scenario when 'table_10' then 10 else 14 end,
        library,
        barra_limit,
        num_stock
),

sources as (
    select
        run_id,
        source as data_source,
        first_date as data_first_date,
        last_date as data_last_date
    from snapshots
    where table_name = 'daily_bars'
),

final as (
    select
        cells.rule_set,
        cells.paper_table,
        cells.row_label,
        cells.column_label,
        cells.measure,
        cells.model,
        case when ours.seed_count > 0 then ours.seed_count end as seed_count,
        cells.paper_value,
        ours.our_value,
        ours.our_value - cells.paper_value as difference,
        case
            when ours.our_value is not null then null
            when not_traded.reason is not null then not_traded.reason
            when cells.model is null
                then
                    concat(
                        'no ', cells.library, ' under ', cells.loss,
                        coalesce(concat(', ', cells.window_mode), ''),
                        case cells.stock_order when 'random' then ', stocks at random' else '' end,
                        ' in this run'
                    )
            when cells.window_start is not null and ours.rule_set is null
                then 'window not trained in this run'
            when cells.window_start is not null then 'not a parameter or measure of this model'
            when cells.paper_table = 7 then 'net not trained in this run'
            when cells.paper_table = 8 and ours.rule_set is null then 'model not tuned in this run'
            when cells.paper_table = 8 then 'parameter not tuned in this run'
            when cells.trade_year is not null then 'no back-test in this year'
            when cells.barra_limit is not null then 'no back-test with these settings'
            else 'statistic not defined on the weeks of this run'
        end as missing_reason,
        sources.data_source,
        sources.data_first_date,
        sources.data_last_date,
        cells.run_id
    from cells
    inner join sources on cells.run_id = sources.run_id
    left join ours
        on
            cells.rule_set = ours.rule_set
            and cells.paper_table = ours.paper_table
            and cells.row_label = ours.row_label
            and cells.column_label = ours.column_label
    left join not_traded
        on
            cells.rule_set = not_traded.rule_set
            and cells.paper_table = not_traded.paper_table
            and cells.library = not_traded.library
            -- Table 10 has one setting, which its cells do not name.
            and coalesce(cells.barra_limit, not_traded.barra_limit) = not_traded.barra_limit
            and coalesce(cells.num_stock, not_traded.num_stock) = not_traded.num_stock
)

select * from final
