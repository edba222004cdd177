{#- Series of `measured` (run_id, rule_set, model, the columns of `by` and the values), and beside them
    the means over the seeds of a model, under its key without the seed (`models`). -#}
{% macro with_seed_means(values, by=['observation_date']) -%}
    select * from measured
    union all
    select
        models.run_id,
        models.rule_set,
        models.model_family as model,
    {%- for column in by %}
        measured.{{ column }},
    {%- endfor %}
    {%- for value in values %}
        avg(measured.{{ value }}) as {{ value }}{{ ',' if not loop.last }}
    {%- endfor %}
    from measured
    inner join models
        on
            measured.run_id = models.run_id
            and measured.rule_set = models.rule_set
            and measured.model = models.model
    where models.model_family <> models.model
    group by
        models.run_id, models.rule_set, models.model_family,
        {%- for column in by %} measured.{{ column }}{{ ',' if not loop.last }}{% endfor %}
{%- endmacro %}
