"""What dbt says of one invocation is not taken for what it says of another."""

from pathlib import Path

from orchestration.lib.dbt import RUN_RESULTS, forget_run_results, keep_run_results


def test_a_step_forgets_its_own_results_and_those_of_the_invocation_before(tmp_path: Path) -> None:
    (tmp_path / RUN_RESULTS).write_text("{}")
    assert keep_run_results(tmp_path, "panel")
    assert keep_run_results(tmp_path, "results")
    forget_run_results(tmp_path, "panel")
    # dbt stopped before its first model: there is nothing to keep, and nothing old is left.
    assert not keep_run_results(tmp_path, "panel")
    kept = [file.name for file in (tmp_path / "run_results").iterdir()]
    assert kept == ["results.json"]
