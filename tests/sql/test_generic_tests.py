"""Each generic test passes a sound table and finds the planted fault in a broken one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"

SOUND = """
select 'a' as grp, 1 as number, cast(0.5 as double) as share, true as flag
union all
select 'a' as grp, 2 as number, cast(0.5 as double) as share, false as flag
union all
select 'b' as grp, 1 as number, cast(1 as double) as share, cast(null as boolean) as flag
"""
SPANS = """
select 'a' as code, date '2019-01-01' as valid_from, date '2019-12-31' as valid_to
union all
select 'a' as code, date '2020-01-01' as valid_from, cast(null as date) as valid_to
union all
select 'b' as code, date '2019-06-01' as valid_from, cast(null as date) as valid_to
"""
PARENT = "select 'a' as code union all select 'b' as code"
BROKEN = {
    "repeated": SOUND + " union all select 'b', 1, null, true",
    "sparse": "select 1 as number, cast(null as double) as share union all select 2, 0.5",
    "skewed": SOUND.replace("false", "true"),
    "infinite": "select cast('inf' as double) as share",
    "not_a_number": "select cast('nan' as double) as share",
    "out_of_range": "select cast(1.5 as double) as share",
    "orphaned": "select 'c' as grp",
    "unbalanced": SOUND.replace("cast(1 as double)", "cast(0.875 as double)"),
    "empty_group": "select 'a' as grp, cast(null as double) as share",
    "overlapping": SPANS.replace("date '2019-12-31'", "date '2020-01-01'"),
    "interrupted": SPANS.replace("date '2019-12-31'", "date '2019-12-30'"),
    "open_inside": SPANS.replace("date '2019-12-31'", "cast(null as date)"),
    "expired": SPANS.replace(
        "'b' as code, date '2019-06-01' as valid_from, cast(null as date)",
        "'b' as code, date '2019-06-01' as valid_from, date '2019-12-31'",
    ),
    "backwards": SPANS.replace("'a' as code, date '2019-01-01'", "'a' as code, date '2020-01-01'"),
    "looking_ahead": "select 1 as number, 0.5 as fwd_return_cum",
}
CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "repeated": [("unique_grain", {"columns": ["grp", "number"]})],
    "sparse": [("not_null_share", {"column_name": "share", "minimum": 0.75})],
    "skewed": [("share_between", {"condition": "flag", "minimum": 0.25, "maximum": 0.5})],
    "infinite": [("finite_values", {"column_name": "share"})],
    "not_a_number": [("finite_values", {"column_name": "share"})],
    "out_of_range": [("within_range", {"column_name": "share", "minimum": 0, "maximum": 1})],
    "orphaned": [
        ("foreign_key_in", {"column_name": "grp", "to": "ref('parent')", "field": "code"})
    ],
    "unbalanced": [("sums_to_one", {"column_name": "share", "group_columns": ["grp"]})],
    "empty_group": [("sums_to_one", {"column_name": "share", "group_columns": ["grp"]})],
    **{
        name: [("unbroken_spans", {"key_columns": ["code"]})]
        for name in ("overlapping", "interrupted", "open_inside", "expired", "backwards")
    },
    "looking_ahead": [("no_forward_columns", {})],
}
ALLOWED = ("looking_ahead", "no_forward_columns", {"allowed": ["fwd_return_cum"]})


def _data_test(kind: str, model: str, arguments: dict[str, object]) -> dict[str, object]:
    return {kind: {"name": f"{kind}_on_{model}_{len(str(arguments))}", "arguments": arguments}}


def _write_project(root: Path) -> None:
    (root / "models").mkdir()
    for folder in ("generic_tests", "dialect"):
        shutil.copytree(PROJECT / "macros" / folder, root / "macros" / folder)
    for name, sql in {**BROKEN, "sound": SOUND, "parent": PARENT, "spans": SPANS}.items():
        (root / "models" / f"{name}.sql").write_text(sql)
    on_sound = [
        _data_test(kind, "sound", arguments)
        for model, checks in CHECKS.items()
        for kind, arguments in checks
        if kind != "unbroken_spans" and model not in ("not_a_number", "empty_group")
    ]
    on_spans = [_data_test("unbroken_spans", "spans", {"key_columns": ["code"]})]
    declared: list[dict[str, object]] = [
        {"name": "sound", "data_tests": on_sound},
        {"name": "spans", "data_tests": on_spans},
    ]
    for model, checks in CHECKS.items():
        tests = [_data_test(kind, model, arguments) for kind, arguments in checks]
        if model == ALLOWED[0]:
            tests.append(_data_test(ALLOWED[1], model, ALLOWED[2]))
        declared.append({"name": model, "data_tests": tests})
    # JSON is YAML.
    (root / "models" / "models.yml").write_text(json.dumps({"version": 2, "models": declared}))
    (root / "dbt_project.yml").write_text(
        json.dumps(
            {
                "name": "ashare",
                "version": "1.0.0",
                "profile": "ashare",
                "flags": {
                    "send_anonymous_usage_stats": False,
                    "require_generic_test_arguments_property": True,
                },
            }
        )
    )
    output = {"type": "duckdb", "path": str(root / "planted.duckdb")}
    (root / "profiles.yml").write_text(
        json.dumps({"ashare": {"target": "planted", "outputs": {"planted": output}}})
    )


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Status of every data test of the planted project, by its name."""
    root = tmp_path_factory.mktemp("planted")
    _write_project(root)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "build", "--quiet"),
            *("--project-dir", str(root), "--profiles-dir", str(root)),
            *("--target-path", str(root / "target"), "--log-path", str(root / "logs")),
        ],
        env={"PATH": "/usr/bin:/bin", "HOME": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (root / "target" / "run_results.json").exists(), done.stdout + done.stderr
    results = json.loads((root / "target" / "run_results.json").read_text())["results"]
    return {
        result["unique_id"].split(".")[2]: result["status"]
        for result in results
        if result["unique_id"].startswith("test.")
    }


@pytest.mark.parametrize("model", CHECKS)
def test_planted_fault_is_found(statuses: dict[str, str], model: str) -> None:
    for kind, arguments in CHECKS[model]:
        assert statuses[f"{kind}_on_{model}_{len(str(arguments))}"] == "fail"


def test_sound_table_passes_every_test(statuses: dict[str, str]) -> None:
    found = {name: status for name, status in statuses.items() if "_on_sound_" in name}
    spans = {name: status for name, status in statuses.items() if "_on_spans_" in name}
    found |= spans
    assert len(spans) == 1
    assert len(found) == len(CHECKS) - 2 - 5 + 1
    assert set(found.values()) == {"pass"}


def test_allowed_forward_column_passes(statuses: dict[str, str]) -> None:
    model, kind, arguments = ALLOWED
    assert statuses[f"{kind}_on_{model}_{len(str(arguments))}"] == "pass"
