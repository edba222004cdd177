"""Statements that the pictures of recurrent nets are drawn from."""

from __future__ import annotations

from orchestration.lib.summary import RUN

IS_NET = "models.library in ('rnn', 'lstm', 'gru')"
# A key is its tokens joined by dashes, the seed last.
_SEED = r"'-s\d+$'"
FAMILY = f"regexp_replace(windows.model, {_SEED}, '')"


def _shown(rows: str) -> str:
    """Condition: the last window of one model per family, that of the first key in order."""
    return f"""{rows}.window_start = max({rows}.window_start) over (
        partition by {rows}.rule_set, {rows}.model
    ) and {rows}.model = min({rows}.model) over (
        partition by {rows}.rule_set, regexp_replace({rows}.model, {_SEED}, '')
    )"""


TRIAL_LOGS = f"""
    select trials.rule_set, trials.model, trials.trial, trials.state, trials.score,
        trials.parameters, trials.is_best
    from results.fct_tuning_trial as trials
    inner join results.dim_model as models
        on trials.rule_set = models.rule_set and trials.model = models.model
    where trials.run_id = {RUN} and trials.stage = 'optuna' and {IS_NET}
    qualify {_shown("trials")}
    order by trials.rule_set desc, trials.model, trials.trial
"""
EPOCHS = f"""
    select epochs.rule_set, epochs.model, epochs.epoch, epochs.train_loss,
        epochs.validation_score
    from results.fct_training_epoch as epochs
    where epochs.run_id = {RUN}
    qualify {_shown("epochs")}
    order by epochs.rule_set desc, epochs.model, epochs.epoch
"""


def variants(kind: str, variant: str, *, condition: str = "true", least: int = 2) -> str:
    """Rank IC of nets by window, mean over seeds, for kinds that have several variants.

    Parameters
    ----------
    kind, variant
        Expressions of `family` (key without seed), `library` and `loss`: what a panel shows, and
        what its lines are.
    condition
        Which families take part.
    least
        Variants that a kind has to have.
    """
    return f"""
    with families as (
        select windows.rule_set, {FAMILY} as family, models.library, models.loss,
            windows.window_start, avg(windows.in_sample_rank_ic) as in_sample_rank_ic,
            avg(windows.out_of_sample_rank_ic) as out_of_sample_rank_ic,
            count(*) as seed_count
        from results.fct_training_window as windows
        inner join results.dim_model as models
            on windows.rule_set = models.rule_set and windows.model = models.model
        where windows.run_id = {RUN} and {IS_NET}
            and windows.in_sample_rank_ic is not null
            and windows.out_of_sample_rank_ic is not null
        group by windows.rule_set, family, models.library, models.loss, windows.window_start
    ),

    kinds as (
        select families.*, {kind} as kind, {variant} as variant
        from families
        where {condition}
    ),

    counted as (
        select rule_set, kind
        from kinds
        group by rule_set, kind
        having count(distinct variant) >= {least}
    )

    select kinds.rule_set, kinds.rule_set || ' ' || kinds.kind as series, kinds.variant,
        kinds.window_start, kinds.in_sample_rank_ic, kinds.out_of_sample_rank_ic,
        kinds.seed_count
    from kinds
    inner join counted on kinds.rule_set = counted.rule_set and kinds.kind = counted.kind
    order by kinds.rule_set desc, kinds.kind, kinds.variant, kinds.window_start
    """


IN_ORDER = "family || '-' not like '%-random-%'"
ORDERS = variants(
    "replace(family || '-', '-random-', '-').rtrim('-')",
    f"case when {IN_ORDER} then 'in order' else 'shuffled' end",
)
LOSSES = variants(
    "replace(family, '-' || loss, '')",
    "case loss when 'mse' then 'MSE' else 'Rank IC' end",
    condition=IN_ORDER,
)
THREE_MODELS = variants(
    "replace(family, library || '-', '')", "upper(library)", condition=IN_ORDER, least=1
)
