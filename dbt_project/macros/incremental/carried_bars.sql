{#- In an incremental build: the bars of the session before the stale ones as they stand in this table,
    in the columns of `measured` of int_bar__densified and marked as not stale. Nothing else. -#}
{% macro carried_bars() -%}
    {%- set window = stale_window() -%}
    {%- if window and is_incremental() -%}
        union all

        select
            symbol,
            trade_date,
            session_number,
            sessions_since_listing,
            board,
            open,
            high,
            low,
            pre_close,
            volume_shares,
            amount_cny,
            turnover_rate_pct,
            is_suspended,
            true as has_row,
            is_st,
            close as known_close,
            adj_factor as known_adj_factor,
            carried_traded_adj_close as traded_adj_close,
            carried_turnover_rate_pct as traded_turnover_rate_pct,
            carried_is_st as known_is_st,
            total_cap_cny as known_total_cap_cny,
            circulating_cap_cny as known_circulating_cap_cny,
            false as is_stale
        from {{ this }}
        where trade_date = cast('{{ window.previous_session }}' as date)
    {%- endif -%}
{%- endmacro %}
