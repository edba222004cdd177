with

source as (
    select * from {{ source('landing', 'financial_indicators') }}
),

renamed as (
    select
        cast(symbol as varchar) as symbol,
        cast(report_period as date) as report_period,
        cast(announce_date as date) as announce_date,
        cast(eps_report as double) as eps_report,
        cast(eps_yoy as double) as eps_yoy,
        cast(bvps as double) as bvps,
        cast(roe_report as double) as roe_report,
        cast(epcf as double) as epcf,
        cast(net_profits_report as double) as net_profits_report,
        cast(profits_yoy as double) as profits_yoy,
        cast(roe as double) as roe,
        cast(net_profit_ratio as double) as net_profit_ratio,
        cast(gross_profit_rate as double) as gross_profit_rate,
        cast(net_profits as double) as net_profits,
        cast(eps as double) as eps,
        cast(business_income as double) as business_income,
        cast(bips as double) as bips,
        cast(mbrg as double) as mbrg,
        cast(nprg as double) as nprg,
        cast(nav as double) as nav,
        cast(targ as double) as targ,
        cast(epsg as double) as epsg,
        cast(seg as double) as seg,
        cast(currentratio as double) as currentratio,
        cast(quickratio as double) as quickratio,
        cast(cashratio as double) as cashratio,
        cast(icratio as double) as icratio,
        cast(sheqratio as double) as sheqratio,
        cast(adratio as double) as adratio,
        cast(arturnover as double) as arturnover,
        cast(arturndays as double) as arturndays,
        cast(inventory_turnover as double) as inventory_turnover,
        cast(inventory_days as double) as inventory_days,
        cast(currentasset_turnover as double) as currentasset_turnover,
        cast(currentasset_days as double) as currentasset_days,
        cast(cf_sales as double) as cf_sales,
        cast(rateofreturn as double) as rateofreturn,
        cast(cf_nm as double) as cf_nm,
        cast(cf_liabilities as double) as cf_liabilities,
        cast(cashflowratio as double) as cashflowratio
    from source
)

select * from renamed
