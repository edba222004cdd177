{{ config(meta={'dagster': {'ref': {'name': 'fct_solution'}}}) }}
-- Every portfolio carries a certificate: residuals and gap of at most 1e-8, scaled.
select *
from {{ ref('fct_solution') }}
where
    primal_residual is null
    or dual_residual is null
    or gap is null
    or greatest(abs(primal_residual), abs(dual_residual), abs(gap)) > 1e-8
