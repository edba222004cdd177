with

led as (
    select * from {{ ref('int_label__led') }}
),

horizons as (
    select * from {{ ref('int_label__horizon') }}
),

chosen as (
    select
        led.symbol,
        led.week_date,
        led.label_convention,
        horizons.horizon_weeks,
        horizons.end_date,
        led.fwd_price_0w as fwd_price_start,
        led.fwd_is_traded_0w as fwd_start_is_traded,
        led.fwd_terminal_price,
        case horizons.horizon_weeks
            when 1 then led.fwd_price_0w
            when 2 then led.fwd_price_1w
            when 3 then led.fwd_price_2w
            when 4 then led.fwd_price_3w
        end as fwd_price_before,
        case horizons.horizon_weeks
            when 1 then led.fwd_price_1w
            when 2 then led.fwd_price_2w
            when 3 then led.fwd_price_3w
            when 4 then led.fwd_price_4w
        end as fwd_price_end,
        case horizons.horizon_weeks
            when 1 then led.fwd_is_traded_1w
            when 2 then led.fwd_is_traded_2w
            when 3 then led.fwd_is_traded_3w
            when 4 then led.fwd_is_traded_4w
        end as fwd_end_is_traded
    from led
    inner join horizons
        on
            led.week_date = horizons.week_date
            and led.label_convention = horizons.label_convention
),

-- A delisting inside the span ends it at the last value of the share.
ended as (
    select
        *,
        coalesce(fwd_price_before, fwd_terminal_price) as fwd_before_value,
        case when end_date is not null then coalesce(fwd_price_end, fwd_terminal_price) end
            as fwd_end_value
    from chosen
),

final as (
    select
        symbol,
        week_date,
        label_convention,
        horizon_weeks,
        {{ safe_divide('fwd_end_value', 'fwd_price_start') }} - 1 as fwd_return_cum,
        {{ safe_divide('fwd_end_value', 'fwd_before_value') }} - 1 as fwd_return_single,
        case when fwd_end_value is not null and fwd_price_start is not null then end_date end
            as label_known_at,
        fwd_end_value is not null and fwd_start_is_traded and coalesce(fwd_end_is_traded, false)
            as label_tradable
    from ended
)

select * from final
