{#- Equal-weighted least squares (with intercept) of a style on one or two other styles over the rows
    of a week's universe where it is present. The regressors are the columns `<style>_base`.

    orthogonal_fit: columns `<style>_y`, `<style>_x<k>`, `<style>_slope<k>`, aggregates;
    orthogonal_residual: the residual with those columns, read from `fit_relation`, for any row. -#}
{% macro orthogonal_fit(style) -%}
    {%- set bases = style_definitions()[style].orthogonal_to -%}
    avg({{ style }}) as {{ style }}_y,
    {% for base in bases -%}
        regr_avgx({{ style }}, {{ base }}_base) as {{ style }}_x{{ loop.index }},
    {% endfor -%}
    {%- if bases | length == 1 -%}
        coalesce({{ safe_divide(
            'regr_sxy(' ~ style ~ ', ' ~ bases[0] ~ '_base)',
            'regr_sxx(' ~ style ~ ', ' ~ bases[0] ~ '_base)') }}, 0) as {{ style }}_slope1
    {%- else -%}
        {{ orthogonal_slope(style, bases[0], bases[1]) }} as {{ style }}_slope1,
        {{ orthogonal_slope(style, bases[1], bases[0]) }} as {{ style }}_slope2
    {%- endif -%}
{%- endmacro %}

{#- Slope on `base` beside `other`, by Cramer's rule on centred sums; 0 where the two regressors
    cannot be told apart. -#}
{% macro orthogonal_slope(style, base, other) -%}
    {%- set s_bb = 'regr_sxx(' ~ style ~ ', ' ~ base ~ '_base)' -%}
    {%- set s_oo = 'regr_sxx(' ~ style ~ ', ' ~ other ~ '_base)' -%}
    {%- set s_by = 'regr_sxy(' ~ style ~ ', ' ~ base ~ '_base)' -%}
    {%- set s_oy = 'regr_sxy(' ~ style ~ ', ' ~ other ~ '_base)' -%}
    {%- set s_bo = 'regr_sxy(case when ' ~ style ~ ' is not null then ' ~ other ~ '_base end, '
        ~ base ~ '_base)' -%}
    coalesce(
        case
            when {{ s_bb }} * {{ s_oo }} - power({{ s_bo }}, 2) > 1e-12 * {{ s_bb }} * {{ s_oo }}
                then
                    ({{ s_oo }} * {{ s_by }} - {{ s_bo }} * {{ s_oy }})
                    / ({{ s_bb }} * {{ s_oo }} - power({{ s_bo }}, 2))
        end, 0
    )
{%- endmacro %}

{% macro orthogonal_residual(style, relation, fit_relation) -%}
    {{ relation }}.{{ style }} - {{ fit_relation }}.{{ style }}_y
    {%- for base in style_definitions()[style].orthogonal_to %}
            - {{ fit_relation }}.{{ style }}_slope{{ loop.index }}
            * ({{ relation }}.{{ base }}_base - {{ fit_relation }}.{{ style }}_x{{ loop.index }})
    {%- endfor -%}
{%- endmacro %}

{#- The two macros above for every orthogonal style. -#}
{% macro orthogonal_fits() -%}
    {%- for style in orthogonal_styles() -%}
        {{ orthogonal_fit(style) }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro orthogonal_residuals(relation, fit_relation) -%}
    {%- for style in orthogonal_styles() -%}
        {{ orthogonal_residual(style, relation, fit_relation) }} as {{ style }}
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Every computed style: the residual where it has one, else the combination of descriptors. -#}
{% macro gathered_styles(relation, residual_relation) -%}
    {%- for style in computed_styles() -%}
        {{ residual_relation if style in orthogonal_styles() else relation }}.{{ style }}
        {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
