{#- The steps of preprocessing as expressions of one factor (`{}`, for `for_each`). They read the
    relations `selected` (values), `bounded` (bounds per week), `filled` (means per week and
    industry) and `scaled` (slopes and scales per week), joined in by the model; nothing but the
    last step is ever written per stock.

    `least` and `greatest` leave out NULL: where there is no bound there is no clip. -#}

{#- Step 1 as the distance of the clipped value from the median of the week; NULL where missing. Sums
    of squares and products of distances lose nothing to a level far from zero. -#}
{% macro clipped_distance() -%}
    case
            when selected.{} is not null
                then
                    greatest(least(selected.{}, bounded.{}_upper), bounded.{}_lower)
                    - bounded.{}_centre
        end
{%- endmacro %}

{#- Whether step 1 moved the value. -#}
{% macro is_clipped() -%}
    selected.{} < bounded.{}_lower or selected.{} > bounded.{}_upper
{%- endmacro %}

{#- Steps 2 and 3: distance of the filled value from the mean of its industry. A missing value is
    filled with that mean, which lies within the bounds. -#}
{% macro demeaned_value() -%}
    greatest(
            least(coalesce(selected.{}, filled.{}_fill), bounded.{}_upper), bounded.{}_lower
        ) - filled.{}_fill
{%- endmacro %}

{#- Step 3: residual of the regression on industries and ln(cap). Its mean is zero. -#}
{% macro neutral_value() -%}
    {{ demeaned_value() }} - scaled.{}_slope * selected.log_cap_centred
{%- endmacro %}

{#- Step 4: standardised residual; the scale is 0 where the residuals do not vary. What is left of a
    residual that is 0 in exact arithmetic (an industry of one stock) is rounding, whose sign a tree
    would split on: twelve decimals are far finer than the float that is stored. -#}
{% macro standard_value() -%}
    round(({{ neutral_value() }}) * scaled.{}_scale, 12)
{%- endmacro %}
