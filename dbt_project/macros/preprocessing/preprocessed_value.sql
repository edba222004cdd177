{#- The steps of preprocessing as expressions of one factor (`{}`, for `for_each`). They read the
    relations `selected` (values), `bounded` (bounds per week), `filled` (means per week and
    industry) and `regressed` (slopes per week), joined in by the model; nothing but the last step
    is ever written per stock. -#}

{#- Step 1: clipped to the bounds; no bound, no clip. -#}
{% macro clipped_value() -%}
    case
            when selected.{} < bounded.{}_lower then bounded.{}_lower
            when selected.{} > bounded.{}_upper then bounded.{}_upper
            else selected.{}
        end
{%- endmacro %}

{#- Whether step 1 moved the value by more than the rounding of an interpolated percentile. -#}
{% macro is_clipped() -%}
    selected.{} < bounded.{}_lower - 1e-12 * abs(bounded.{}_lower)
            or selected.{} > bounded.{}_upper + 1e-12 * abs(bounded.{}_upper)
{%- endmacro %}

{#- Step 2: a missing value takes the mean of its industry. -#}
{% macro filled_value() -%}
    coalesce({{ clipped_value() }}, filled.{}_fill)
{%- endmacro %}

{#- Steps 2 and 3: distance of the filled value from the mean of its industry. What was filled lies
    on the mean, so the mean of the filled values is the fill itself. -#}
{% macro demeaned_value() -%}
    coalesce({{ clipped_value() }} - filled.{}_fill, 0)
{%- endmacro %}

{#- Step 3: residual of the regression on industries and ln(cap). -#}
{% macro neutral_value() -%}
    {{ demeaned_value() }} - regressed.{}_slope * selected.log_cap_centred
{%- endmacro %}

{#- Step 4: standardised residual; 0 where the residuals do not vary. What is left of a residual
    that is 0 in exact arithmetic (an industry of one stock) is rounding, whose sign a tree would
    split on: twelve decimals are far finer than the float that is stored. -#}
{% macro standard_value() -%}
    coalesce(
            round(({{ neutral_value() }} - scaled.{}_mean) / scaled.{}_deviation, 12), 0
        )
{%- endmacro %}
