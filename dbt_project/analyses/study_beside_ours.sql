-- What does the study print, and what does the latest run give in the same cell?
select
    rule_set,
    paper_table,
    row_label,
    column_label,
    model,
    paper_value,
    our_value,
    difference,
    data_source
from results.mart_paper_comparison
where our_value is not null
order by rule_set, paper_table, row_label, column_label;
