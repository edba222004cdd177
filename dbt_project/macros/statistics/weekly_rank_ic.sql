{#-
Rank IC by series, horizon and week, for one kind of label. A model calls it for each kind, so that
the kinds are ranked side by side: a statement has one thread.

Average ranks: the rank of the first of equals, plus half the number of the others.
-#}
{% macro weekly_rank_ic(labelled, series, label_kind) -%}
    select
        named.run_id,
        named.rule_set,
        named.model,
        measured.horizon_weeks,
        measured.label_kind,
        measured.week_date,
        case
            when
                measured.stock_count >= 30
                and not measured.has_constant_prediction
                and not measured.has_constant_label
                then greatest(-1.0, least(1.0, measured.rank_correlation))
        end as rank_ic,
        measured.stock_count,
        measured.stock_count >= 30 and measured.has_constant_prediction as is_degenerate,
        measured.known_at
    from (
        select
            series_number,
            horizon_weeks,
            label_kind,
            week_date,
            count(*) as stock_count,
            min(prediction) = max(prediction) as has_constant_prediction,
            min(fwd_return) = max(fwd_return) as has_constant_label,
            corr(prediction_rank, fwd_return_rank) as rank_correlation,
            max(label_known_at) as known_at
        from (
            select
                series_number,
                week_date,
                horizon_weeks,
                label_kind,
                label_known_at,
                prediction,
                fwd_return,
                {{ average_rank('prediction') }} as prediction_rank,
                {{ average_rank('fwd_return') }} as fwd_return_rank
            from {{ labelled }}
            where label_kind = '{{ label_kind }}'
        ) as ranked
        group by series_number, horizon_weeks, label_kind, week_date
    ) as measured
    inner join {{ series }} as named on measured.series_number = named.series_number
{%- endmacro %}

{% macro average_rank(column) -%}
    rank() over (
                    partition by series_number, horizon_weeks, week_date
                    order by {{ column }} nulls last
                ) + (
                    count(*) over (
                        partition by series_number, horizon_weeks, week_date
                        order by {{ column }} nulls last
                        range between current row and current row
                    ) - 1
                ) / 2.0
{%- endmacro %}
