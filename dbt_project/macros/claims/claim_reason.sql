{#- Why a claim cannot be tested with the models of a run; NULL where it can. -#}
{% macro claim_reason(tested) -%}
    case
            when {{ tested }}.interval_lower is not null or {{ tested }}.p_value is not null
                then null
            when {{ tested }}.season_missing_reason is not null
                then {{ tested }}.season_missing_reason
            when {{ tested }}.first_series is not null
                then
                    concat(
                        cast({{ tested }}.observation_count as {{ dbt.type_string() }}),
                        ' observations in common: 10 are the least'
                    )
            when {{ tested }}.comparison = 'nets'
                then
                    concat(
                        'no two recurrent nets alike but for ',
                        case
                            when {{ tested }}.first_token is null then ''
                            else concat({{ tested }}.first_token, ' and ')
                        end,
                        {{ tested }}.second_token
                    )
            when {{ tested }}.comparison = 'models'
                then
                    concat(
                        'no two models alike but for ', {{ tested }}.first_token, ' and ',
                        {{ tested }}.second_token
                    )
            when {{ tested }}.comparison = 'backtests'
                then
                    concat(
                        'no two back-tests alike but for models of ', {{ tested }}.first_token,
                        ' and ', {{ tested }}.second_token
                    )
            when {{ tested }}.comparison = 'choices'
                then
                    concat(
                        'no two back-tests alike but for models chosen by ',
                        {{ tested }}.first_token, ' and ', {{ tested }}.second_token
                    )
            when {{ tested }}.comparison = 'samples'
                then concat('no ', {{ tested }}.first_token, ' net')
            when {{ tested }}.comparison = 'months' then 'no model'
            else 'no two back-tests alike but for these bands'
        end
{%- endmacro %}
