"""The journal as tables, and the published copy."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib.figure_files import write_figures
from orchestration.lib.ops_output_schemas import OPS_OUTPUT
from orchestration.lib.ops_records import write_ops_records
from orchestration.lib.process_pool import process_pool
from orchestration.lib.publishing import publish
from orchestration.lib.report import write_report
from orchestration.lib.workspace import Workspace


def ops_output_asset(results: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """Files about the runs themselves, written once all results are there."""

    @dg.multi_asset(
        name="ops_output",
        specs=[
            dg.AssetSpec(["ops_output", name], deps=results, group_name="publish")
            for name in OPS_OUTPUT
        ],
    )
    def ops_output(workspace: dg.ResourceParam[Workspace]) -> Iterator[dg.MaterializeResult[None]]:
        """Write runs, partitions, steps, source snapshots and dbt results."""
        for name, rows in write_ops_records(workspace).items():
            yield dg.MaterializeResult(asset_key=["ops_output", name], metadata={"rows": rows})

    return ops_output


def published_asset(public_tables: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The read-only copy, made once every public table is there."""

    @dg.asset(key=["publish", "database"], deps=public_tables, group_name="publish")
    def published_database(
        workspace: dg.ResourceParam[Workspace],
    ) -> dg.MaterializeResult[None]:
        """Copy the public tables and swap the copy in."""
        paths = workspace.paths
        with workspace.step("publish", total=len(public_tables)) as reporter:
            counts = publish(
                paths.warehouse,
                paths.published_database,
                paths.published_tables,
                on_table=reporter.advance,
            )
        return dg.MaterializeResult(
            metadata={
                "tables": len(counts),
                "rows": sum(counts.values()),
                "database": dg.MetadataValue.path(str(paths.published_database)),
            }
        )

    return published_database


@dg.asset(
    key=["publish", "report"], deps=[dg.AssetKey(["publish", "database"])], group_name="publish"
)
def report(workspace: dg.ResourceParam[Workspace]) -> dg.MaterializeResult[None]:
    """Draw the page that people look at and the figures of the study, from the published tables."""
    paths = workspace.paths
    # Drawing keeps one processor busy.
    with workspace.step("report"), process_pool(1) as beside:
        page = beside.submit(write_report, paths)
        figures = write_figures(paths, paths.published_figures, "png")
        page.result()
    return dg.MaterializeResult(
        metadata={
            "page": dg.MetadataValue.path(str(paths.report)),
            "figures": dg.MetadataValue.path(str(figures.page)),
        }
    )
