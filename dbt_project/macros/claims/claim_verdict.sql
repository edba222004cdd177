{#- What an interval, or a p-value, says about a claim. A claim with a direction needs an interval on
    one side of zero; a claim of no difference an interval inside, or wholly outside, its margin; a
    permutation test can only support. -#}
{% macro claim_verdict(tested) -%}
    case
            when {{ tested }}.interval_lower is null and {{ tested }}.p_value is null
                then 'not_testable'
            when {{ tested }}.p_value <= 0.05 then 'supported'
            when {{ tested }}.p_value is not null then 'undecided'
            when
                {{ tested }}.equivalence_margin is null
                and {{ tested }}.interval_lower > 0
                then 'supported'
            when
                {{ tested }}.equivalence_margin is null
                and {{ tested }}.interval_upper < 0
                then 'contradicted'
            when
                {{ tested }}.interval_lower >= -{{ tested }}.equivalence_margin
                and {{ tested }}.interval_upper <= {{ tested }}.equivalence_margin
                then 'supported'
            when
                {{ tested }}.interval_lower > {{ tested }}.equivalence_margin
                or {{ tested }}.interval_upper < -{{ tested }}.equivalence_margin
                then 'contradicted'
            else 'undecided'
        end
{%- endmacro %}
