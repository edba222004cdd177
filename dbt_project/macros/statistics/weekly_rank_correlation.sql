{#-
Rank correlation of forecast and return by series, horizon and week, for one kind of label. A model
calls it for each kind, so that the kinds are ranked side by side: a statement has one thread.

Average ranks: the rank of the first of equals, plus half the number of the others.
-#}
{% macro weekly_rank_correlation(labelled, label_kind) -%}
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
