"""What a run needs of the dbt project, derived beside the steps that come before it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from orchestration.lib.dbt import ensure_manifest, project_directory
from orchestration.lib.dictionary import write_dictionary
from orchestration.lib.handoff import empty_handoff_files
from orchestration.lib.workspace import Workspace

MANIFEST, DICTIONARY = "manifest", "dictionary"


def begin_preparation(workspace: Workspace) -> None:
    """Start to compile the dbt project and, from that, to derive the dictionary.

    For the process that holds the experiment's lock. Files of the hand-off that do not exist yet
    are there when it returns.
    """
    empty_handoff_files(workspace.paths.handoff)
    # Written here: whoever else asks for the project finds it whole.
    project_directory(workspace.experiment, workspace.paths)
    threads = ThreadPoolExecutor(1, thread_name_prefix="preparation")
    workspace.prepared[MANIFEST] = threads.submit(
        ensure_manifest, workspace.experiment, workspace.paths
    )
    workspace.prepared[DICTIONARY] = threads.submit(write_dictionary, workspace)
    threads.shutdown(wait=False)


def prepared_manifest(workspace: Workspace) -> Path:
    """Manifest of the compiled project, waited for if it is under way.

    Raises
    ------
    DbtError
        If the project does not compile.
    """
    if MANIFEST not in workspace.prepared:
        return ensure_manifest(workspace.experiment, workspace.paths)
    manifest: Path = workspace.prepared[MANIFEST].result()
    return manifest


def prepared_dictionary(workspace: Workspace) -> int:
    """The number of rows of the dictionary, which lies where dbt reads it."""
    if DICTIONARY not in workspace.prepared:
        return write_dictionary(workspace)
    row_count: int = workspace.prepared[DICTIONARY].result()
    return row_count
