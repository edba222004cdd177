{#- Spans of validity that overlap, leave a gap, end before they begin, or stop: per key, each row
    begins the day after the one before it ends, and the last one is open. -#}
{% test unbroken_spans(model, key_columns) %}

with

ordered as (
    select
        *,
        lag(valid_to) over (
            {{ "partition by " ~ key_columns | join(', ') if key_columns }}
            order by valid_from nulls last
        ) as previous_valid_to,
        lag(valid_from) over (
            {{ "partition by " ~ key_columns | join(', ') if key_columns }}
            order by valid_from nulls last
        ) as previous_valid_from,
        lead(valid_from) over (
            {{ "partition by " ~ key_columns | join(', ') if key_columns }}
            order by valid_from nulls last
        ) as next_valid_from
    from {{ model }}
)

select * from ordered
where
    valid_from is null
    or valid_to < valid_from
    or (next_valid_from is null and valid_to is not null)
    or (
        previous_valid_from is not null
        and (
            previous_valid_to is null
            or valid_from <> {{ dbt.dateadd('day', 1, 'previous_valid_to') }}
        )
    )

{% endtest %}
