"""Rules of the house over dbt's manifest; each function returns the faults it finds, as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]
Manifest = Mapping[str, Any]

# The order in which the warehouse is filled. A model reads its own block and the blocks before it.
# Folders are paths below models/; a file's own entry goes before its folder's.
FLOW: tuple[tuple[str, ...], ...] = (
    ("staging/",),
    (
        "intermediate/calendar/",
        "intermediate/bars/",
        "intermediate/fundamentals/",
        "intermediate/universe/",
        "intermediate/index_weights/",
        "intermediate/labels/",
        "intermediate/market/",
        "marts/core/",
        "marts/ml/fct_label.sql",
    ),
    (
        "intermediate/factors/",
        "intermediate/styles/",
        "intermediate/preprocessing/",
        "intermediate/risk/",
        "intermediate/panel/",
        "marts/factors/",
        "marts/risk/",
        "marts/ml/",
    ),
    (
        "intermediate/factor_research/",
        "intermediate/forecast/",
        "intermediate/portfolio/",
        "intermediate/portfolio_risk/",
        "intermediate/comparison/",
        "intermediate/overfitting/",
        "intermediate/claims/",
        "marts/results/",
        "marts/ops/",
    ),
)

# What may speak of the future: labels, the panel that carries them, and the judgement of forecasts.
FORWARD_READERS = (
    "intermediate/labels/",
    "intermediate/panel/",
    "intermediate/factor_research/",
    "intermediate/forecast/",
    "marts/ml/fct_label.sql",
    "marts/ml/fct_training_panel.sql",
    "marts/ml/fct_crossed_label.sql",
    "marts/results/factor_research/",
    "marts/results/fct_rank_ic_week.sql",
    "marts/results/mart_group_return_week.sql",
    "marts/results/mart_long_short_return_week.sql",
    "marts/results/mart_rank_ic_statistics.sql",
)
# The universe of the paper looks one session ahead, with this column and no other.
SUSPENSION_READERS = ("intermediate/universe/", "marts/core/fct_universe_week.sql")
SUSPENSION_COLUMN = "fwd_is_suspended"

# Wide joins by nature: one row per share and week, one input per family of columns.
WIDE_JOINS = frozenset({"int_factor__joined"})
MAXIMUM_LINES, MAXIMUM_JOINED_MODELS = 120, 5

# Kept out of models: the same text is to run on other engines.
NOT_PORTABLE: Mapping[str, str] = {
    "qualify": r"\bqualify\b",
    "asof": r"\basof\b",
    "columns()": r"\bcolumns\s*\(",
    "exclude": r"\bexclude\s*\(",
    "replace list": r"\*\s*replace\s*\(",
    "group by all": r"\bgroup\s+by\s+all\b",
    "order by all": r"\border\s+by\s+all\b",
    "pivot": r"\b(?:un)?pivot\b",
    "list comprehension": r"\[[^\]]*\bfor\b[^\]]*\bin\b",
    "lambda": r"\blambda\b|(?<![-<])->(?!>)",
    "FROM first": r"(?:\(|\A|;)\s*from\b",
    "comma before from": r",\s*\bfrom\b",
    "positional join": r"\bpositional\s+join\b",
    "union by name": r"\bby\s+name\b",
    "double colon cast": r"::",
    "integer division": r"//",
    "arg_max": r"\barg_m(?:ax|in)\b|\bm(?:ax|in)_by\b",
    "unnest": r"\bunnest\b",
    "generate_series": r"\bgenerate_series\b",
    "filter clause": r"\bfilter\s*\(\s*where\b",
    "bare median or quantile": r"\b(?:median|mad|quantile\w*|percentile\w*)\s*\(",
}

RANKING = re.compile(
    r"\b(?:row_number|rank|dense_rank|percent_rank|ntile)\s*\([^)]*\)\s*over\s*\(([^()]*)\)"
)


def models(manifest: Manifest) -> Iterator[Node]:
    """The project's own models."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            yield node


def path_of(node: Node) -> str:
    """Path of a model below models/, with forward slashes."""
    return str(node["original_file_path"]).replace("\\", "/").removeprefix("models/")


def layer_of(node: Node) -> str:
    """staging, intermediate or marts."""
    return path_of(node).split("/", 1)[0]


def block_of(path: str) -> int | None:
    """Number of the block of `FLOW` that holds a path; None for a folder that has no place yet."""
    for exact in (True, False):
        for number, entries in enumerate(FLOW):
            if any(path == entry if exact else path.startswith(entry) for entry in entries):
                return number
    return None


def bare_sql(text: str) -> str:
    """SQL without comments, Jinja and text literals, in lower case."""
    for pattern in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"/\*.*?\*/"):
        text = re.sub(pattern, " jinja ", text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", " ", text)
    return re.sub(r"'(?:[^']|'')*'", "''", text).strip().lower()


def sql_inside_jinja(text: str) -> list[str]:
    """Text literals inside Jinja, in lower case: templates of expressions hold SQL there."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    blocks = re.findall(r"\{%.*?%\}|\{\{.*?\}\}", text, flags=re.DOTALL)
    literals = r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\""
    return [
        (single or double).strip().lower()
        for block in blocks
        for single, double in re.findall(literals, block, flags=re.DOTALL)
    ]


def misplaced_sources(manifest: Manifest) -> list[str]:
    """Models outside staging that read a source, and staging models that read a model."""
    faults = []
    for node in models(manifest):
        for parent in node["depends_on"]["nodes"]:
            from_source = parent.startswith("source.")
            if from_source and layer_of(node) != "staging":
                faults.append(f"{node['name']} reads {parent}: only staging uses source()")
            if not from_source and layer_of(node) == "staging":
                faults.append(f"{node['name']} reads {parent}: staging reads sources alone")
    return faults


def upward_references(manifest: Manifest) -> list[str]:
    """Models that read a later block of the flow, and folders without a place in it."""
    faults = []
    nodes = manifest["nodes"]
    for node in models(manifest):
        own_block = block_of(path_of(node))
        if own_block is None:
            faults.append(f"{path_of(node)} has no place in FLOW")
            continue
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("model."):
                block = block_of(path_of(nodes[parent]))
                if block is not None and block > own_block:
                    faults.append(
                        f"{node['name']} reads {nodes[parent]['name']}, which comes later"
                    )
    return faults


def wrong_access(manifest: Manifest) -> list[str]:
    """Marts that are not public, and other models that are."""
    return [
        f"{node['name']} has access {node['config']['access']}"
        for node in models(manifest)
        if (node["config"]["access"] == "public") != (layer_of(node) == "marts")
    ]


def wrong_names(manifest: Manifest) -> list[str]:
    """Models whose name does not follow from their folder."""
    faults = []
    for node in models(manifest):
        layer, area = path_of(node).split("/")[:2]
        pattern = {
            "staging": rf"stg_{area}__\w+",
            "intermediate": r"int_[a-z0-9]+(?:_[a-z0-9]+)*__\w+",
            "marts": r"(?:dim|fct|mart)_\w+",
        }[layer]
        if not re.fullmatch(pattern, node["name"]):
            faults.append(f"{path_of(node)}: expected a name like {pattern}")
    return faults


def grain_tests(manifest: Manifest) -> dict[str, list[list[str]]]:
    """Column lists of the uniqueness tests of each model, by the model's id."""
    found: dict[str, list[list[str]]] = {}
    for node in manifest["nodes"].values():
        metadata = node.get("test_metadata") if node["resource_type"] == "test" else None
        if metadata is None:
            continue
        arguments = metadata["kwargs"].get("arguments", metadata["kwargs"])
        if metadata["name"] == "unique_grain":
            found.setdefault(node["attached_node"], []).append(list(arguments["columns"]))
        elif metadata["name"] == "unique":
            found.setdefault(node["attached_node"], []).append([arguments["column_name"]])
    return found


def undocumented_marts(manifest: Manifest) -> list[str]:
    """Marts without contract, grain, described and typed columns, or a test of the grain."""
    faults = []
    tests = grain_tests(manifest)
    for node in models(manifest):
        if layer_of(node) != "marts":
            continue
        name = node["name"]
        if not node["config"]["contract"]["enforced"]:
            faults.append(f"{name} has no enforced contract")
        for column in node["columns"].values():
            if not column["description"].strip() or not column["data_type"]:
                faults.append(f"{name}.{column['name']} lacks a description or a type")
        faults.extend(_grain_faults(node, tests.get(node["unique_id"], [])))
    return faults


def _grain_faults(node: Node, tested: list[list[str]]) -> Iterator[str]:
    if not node["description"].startswith("One row per "):
        yield f"{node['name']}: the description does not begin with its grain (One row per ...)"
    if not any(set(columns) <= set(node["columns"]) for columns in tested):
        yield f"{node['name']}: no uniqueness test on its grain"


def described_forward_columns(manifest: Manifest) -> list[str]:
    """Public columns that look ahead outside the models that may carry them.

    A contract lists every column of a mart, so this sees all of them.
    """
    return [
        f"{node['name']}.{column} looks ahead"
        for node in models(manifest)
        for column in node["columns"]
        if column.startswith("fwd_") and not _may_look_ahead(path_of(node), {column})
    ]


def forward_readers(manifest: Manifest) -> list[str]:
    """Models whose compiled text speaks of a forward column without leave.

    A column reaches a model by its name or by a star; further on it must be named again, or a
    mart's contract lists it. So nothing passes that is not seen here or by
    `described_forward_columns`.
    """
    faults = []
    for node in models(manifest):
        text = bare_sql(node.get("compiled_code") or node["raw_code"])
        named = set(re.findall(r"\bfwd_\w+", text))
        if named and not _may_look_ahead(path_of(node), named):
            faults.append(f"{node['name']} speaks of {', '.join(sorted(named))}")
    return faults


def _label_carriers(manifest: Manifest) -> set[str]:
    return {
        node["unique_id"]
        for node in models(manifest)
        if path_of(node).startswith(("intermediate/labels/", "marts/ml/fct_label."))
    }


def stale_labels(manifest: Manifest) -> list[str]:
    """Incremental models that hold labels, at whatever remove, and keep those of past weeks.

    A new week completes the labels of the weeks before it.
    """
    nodes, holders = manifest["nodes"], _label_carriers(manifest)
    size = 0
    while len(holders) > size:
        size = len(holders)
        holders |= {
            node["unique_id"]
            for node in models(manifest)
            if not holders.isdisjoint(node["depends_on"]["nodes"])
        }
    return [
        f"{nodes[holder]['name']} reads labels and replaces other weeks than label_weeks"
        for holder in sorted(holders)
        if nodes[holder]["config"].get("materialized") == "incremental"
        and nodes[holder]["config"]["meta"]["replaces"] != "label_weeks"
    ]


def label_readers(manifest: Manifest) -> list[str]:
    """Models without leave that read labels or the intermediates behind them."""
    nodes, carriers = manifest["nodes"], _label_carriers(manifest)
    return [
        f"{node['name']} reads {nodes[parent]['name']}"
        for node in models(manifest)
        for parent in node["depends_on"]["nodes"]
        if parent in carriers and not path_of(node).startswith(FORWARD_READERS)
    ]


def _may_look_ahead(path: str, columns: set[str]) -> bool:
    if path.startswith(FORWARD_READERS):
        return True
    return path.startswith(SUSPENSION_READERS) and columns <= {SUSPENSION_COLUMN}


def not_portable(name: str, sql: str) -> list[str]:
    """Forms in a text that other engines do not know, and rankings that leave order to chance."""
    faults = []
    for text in (bare_sql(sql), *sql_inside_jinja(sql)):
        faults += [
            f"{name}: {form}"
            for form, pattern in NOT_PORTABLE.items()
            if re.search(pattern, text, flags=re.MULTILINE)
        ]
        for window in RANKING.findall(text):
            if "order by" in window and "nulls last" not in window:
                faults.append(f"{name}: a ranking without nulls last")
    return faults


def outsized(manifest: Manifest) -> list[str]:
    """Models that are too long, join too much or hold Jinja statements."""
    faults = []
    for node in models(manifest):
        lines = node["raw_code"].count("\n") + 1
        parents = {ref["name"] for ref in node["refs"]}
        if lines > MAXIMUM_LINES:
            faults.append(f"{node['name']} has {lines} lines")
        if len(parents) > MAXIMUM_JOINED_MODELS and node["name"] not in WIDE_JOINS:
            faults.append(f"{node['name']} joins {len(parents)} models")
        if "{%" in node["raw_code"]:
            faults.append(f"{node['name']} holds a Jinja statement")
    return faults


def without_skeleton(manifest: Manifest) -> list[str]:
    """Models that do not read `with ... select * from <last step>`."""
    shape = re.compile(r"with\b.*\bselect \* from \w+$", flags=re.DOTALL)
    return [
        f"{node['name']} does not follow the skeleton"
        for node in models(manifest)
        if not shape.fullmatch(bare_sql(node["raw_code"]))
    ]


def names(nodes: Iterable[Node]) -> set[str]:
    """Names of nodes."""
    return {str(node["name"]) for node in nodes}
