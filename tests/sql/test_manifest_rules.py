"""The rules of the house hold over the whole project, and each rule sees what it forbids."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sql import manifest_rules as rules

PROJECT = Path(__file__).parents[2] / "dbt_project"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("manifest")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "compile", "--no-introspect", "--quiet"),
            *("--select", "resource_type:model", "--indirect-selection", "empty"),
            *("--project-dir", str(PROJECT)),
            *("--profiles-dir", str(PROJECT), "--target", "lint"),
            *("--target-path", str(root), "--log-path", str(root / "logs")),
        ],
        env={"PATH": "/usr/bin:/bin", "HOME": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    loaded: dict[str, Any] = json.loads((root / "manifest.json").read_text())
    return loaded


MANIFEST_RULES = (
    rules.misplaced_sources,
    rules.upward_references,
    rules.wrong_access,
    rules.wrong_names,
    rules.undocumented_marts,
    rules.described_forward_columns,
    rules.forward_readers,
    rules.label_readers,
    rules.stale_labels,
    rules.outsized,
    rules.without_skeleton,
)


@pytest.mark.parametrize("rule", MANIFEST_RULES, ids=lambda rule: rule.__name__)
def test_rule_holds_over_the_project(
    manifest: dict[str, Any], rule: Callable[[rules.Manifest], list[str]]
) -> None:
    assert rule(manifest) == []


def test_manifest_holds_compiled_models(manifest: dict[str, Any]) -> None:
    nodes = list(rules.models(manifest))
    assert {"fct_bar_daily", "fct_universe_week", "fct_label"} <= rules.names(nodes)
    assert all(node["compiled_code"] for node in nodes)


def _sql_files() -> list[Path]:
    macros = [path for path in (PROJECT / "macros").rglob("*.sql") if path.parent.name != "dialect"]
    return [*(PROJECT / "models").rglob("*.sql"), *macros]


def test_sql_stays_inside_the_portable_subset() -> None:
    files = _sql_files()
    faults = [
        fault
        for path in files
        for fault in rules.not_portable(str(path.relative_to(PROJECT)), path.read_text())
    ]
    assert len(files) > 50
    assert faults == []


def test_only_dialect_macros_differ_by_engine() -> None:
    dispatching = {
        path.parent
        for path in PROJECT.rglob("*.sql")
        if "adapter.dispatch" in path.read_text(encoding="utf-8")
    }
    assert dispatching == {PROJECT / "macros" / "dialect"}


def _node(path: str, **changes: Any) -> dict[str, Any]:
    name = Path(path).stem
    node = {
        "resource_type": "model",
        "unique_id": f"model.ashare.{name}",
        "name": name,
        "original_file_path": f"models/{path}",
        "raw_code": "with\n\nfinal as (\n    select a.b from {{ ref('x') }} as a\n)\n\n"
        "select * from final",
        "depends_on": {"nodes": []},
        "refs": [],
        "description": "One row per symbol: a share.",
        "columns": {
            "symbol": {"name": "symbol", "description": "Share.", "data_type": "varchar"},
        },
        "config": {
            "access": "public" if path.startswith("marts/") else "protected",
            "contract": {"enforced": True},
        },
    }
    return {**node, **changes}


def _grain_test(path: str, *columns: str) -> dict[str, Any]:
    name = Path(path).stem
    return {
        "resource_type": "test",
        "unique_id": f"test.ashare.unique_grain_{name}",
        "attached_node": f"model.ashare.{name}",
        "test_metadata": {"name": "unique_grain", "kwargs": {"columns": list(columns)}},
    }


def _manifest(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": {node["unique_id"]: node for node in nodes}}


CORE = "marts/core/dim_security.sql"
STAGING = "staging/landing/stg_landing__instruments.sql"
FACTOR = "intermediate/factors/int_factor__beta.sql"
PANEL = "marts/ml/fct_training_panel.sql"
LABEL = "marts/ml/fct_label.sql"
READS_LABEL = {"nodes": ["model.ashare.fct_label"]}


def _incremental(replaces: str) -> dict[str, Any]:
    contract = {"access": "public", "contract": {"enforced": True}}
    return {**contract, "materialized": "incremental", "meta": {"replaces": replaces}}


def test_a_sound_project_has_no_fault() -> None:
    sound = _manifest(
        _node(STAGING, depends_on={"nodes": ["source.ashare.landing.instruments"]}),
        _node(CORE, depends_on={"nodes": ["model.ashare.stg_landing__instruments"]}),
        _grain_test(CORE, "symbol"),
        _node(FACTOR, depends_on={"nodes": ["model.ashare.dim_security"]}),
    )
    assert [fault for rule in MANIFEST_RULES for fault in rule(sound)] == []


@pytest.mark.parametrize(
    ("rule", "faulty"),
    [
        (
            rules.misplaced_sources,
            [_node(CORE, depends_on={"nodes": ["source.ashare.landing.instruments"]})],
        ),
        (
            rules.misplaced_sources,
            [_node(STAGING, depends_on={"nodes": ["model.ashare.dim_security"]}), _node(CORE)],
        ),
        (
            rules.upward_references,
            [_node(CORE, depends_on={"nodes": ["model.ashare.int_factor__beta"]}), _node(FACTOR)],
        ),
        (
            rules.upward_references,
            [
                _node(LABEL, depends_on={"nodes": ["model.ashare.fct_training_panel"]}),
                _node(PANEL),
            ],
        ),
        (rules.upward_references, [_node("marts/elsewhere/dim_thing.sql")]),
        (rules.wrong_access, [_node(FACTOR, config={"access": "public"})]),
        (rules.wrong_access, [_node(CORE, config={"access": "protected"})]),
        (rules.wrong_names, [_node("marts/core/security.sql")]),
        (rules.wrong_names, [_node("staging/landing/stg_other__instruments.sql")]),
        (rules.wrong_names, [_node("intermediate/factors/factor_beta.sql")]),
        (rules.undocumented_marts, [_node(CORE)]),
        (rules.undocumented_marts, [_node(CORE), _grain_test(CORE, "code")]),
        (
            rules.undocumented_marts,
            [_node(CORE, description="Every share."), _grain_test(CORE, "symbol")],
        ),
        (
            rules.undocumented_marts,
            [
                _node(CORE, config={"access": "public", "contract": {"enforced": False}}),
                _grain_test(CORE, "symbol"),
            ],
        ),
        (
            rules.undocumented_marts,
            [
                _node(
                    CORE,
                    columns={"symbol": {"name": "symbol", "description": "", "data_type": "date"}},
                ),
                _grain_test(CORE, "symbol"),
            ],
        ),
        (
            rules.described_forward_columns,
            [_node("marts/factors/fct_factor_raw.sql", columns={"fwd_return": {}})],
        ),
        (
            rules.described_forward_columns,
            [_node("marts/core/fct_universe_week.sql", columns={"fwd_return_cum": {}})],
        ),
        (rules.forward_readers, [_node(FACTOR, compiled_code="select fwd_return_cum as beta")]),
        (
            rules.label_readers,
            [_node(FACTOR, depends_on=READS_LABEL), _node(LABEL)],
        ),
        (
            rules.stale_labels,
            [
                _node(LABEL, config=_incremental("label_weeks")),
                _node("intermediate/panel/int_panel__joined.sql", depends_on=READS_LABEL),
                _node(
                    PANEL,
                    config=_incremental("weeks"),
                    depends_on={"nodes": ["model.ashare.int_panel__joined"]},
                ),
            ],
        ),
        (rules.outsized, [_node(CORE, raw_code="\n" * 120)]),
        (rules.outsized, [_node(CORE, refs=[{"name": str(n)} for n in range(6)])]),
        (rules.outsized, [_node(CORE, raw_code="{% set a = 1 %}")]),
        (rules.without_skeleton, [_node(CORE, raw_code="select * from {{ ref('x') }}")]),
        (rules.without_skeleton, [_node(CORE, raw_code="with a as (select 1) select b from a")]),
    ],
)
def test_rule_sees_what_it_forbids(
    rule: Callable[[rules.Manifest], list[str]], faulty: list[dict[str, Any]]
) -> None:
    assert rule(_manifest(*faulty)) != []


@pytest.mark.parametrize(
    ("form", "sql"),
    [
        ("qualify", "select a from b qualify row_number() over (order by c nulls last) = 1"),
        ("asof", "select a from b asof join c on d"),
        ("columns()", "select columns('a.*') from b"),
        ("exclude", "select * exclude (a) from b"),
        ("replace list", "select * replace (a as b) from c"),
        ("group by all", "select a, count(*) from b group by all"),
        ("order by all", "select a from b order by all"),
        ("pivot", "pivot a on b"),
        ("list comprehension", "select [x + 1 for x in a] from b"),
        ("lambda", "select list_transform(a, lambda x: x + 1) from b"),
        ("lambda", "select list_transform(a, x -> x + 1) from b"),
        ("FROM first", "with a as (from b) select * from a"),
        ("FROM first", "from a"),
        ("comma before from", "select a, b, from c"),
        ("positional join", "select a from b positional join c"),
        ("union by name", "select a from b union all by name select a from c"),
        ("double colon cast", "select a::date from b"),
        ("integer division", "select a // 2 from b"),
        ("arg_max", "select arg_max(a, b) from c"),
        ("unnest", "select unnest(a) from b"),
        ("generate_series", "select a from generate_series(1, 2)"),
        ("filter clause", "select count(*) filter (where a) from b"),
        ("bare median or quantile", "select median(a) from b"),
        ("a ranking without nulls last", "select rank() over (order by a desc, symbol) from b"),
        ("bare median or quantile", "{{ for_each(names(), 'median({}) as {}') }}"),
        ("double colon cast", "{% set half = 'a::date' %} select {{ half }} from b"),
        ("a ranking without nulls last", '{{ for_each(x, "rank() over (order by {})") }}'),
    ],
)
def test_portable_subset_sees_what_it_forbids(form: str, sql: str) -> None:
    assert f"x: {form}" in rules.not_portable("x", sql)


def test_portable_subset_reads_neither_comments_nor_jinja_nor_literals() -> None:
    sql = "-- qualify\nselect 'pivot', {{ median_value('a') }} from b {# asof #} where c > 1"
    assert rules.not_portable("x", sql) == []
