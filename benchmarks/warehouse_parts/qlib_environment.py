"""An environment of its own for qlib, made below the benchmark's home; no part of the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REQUIREMENTS = ("pyqlib==0.9.7", "pyarrow")
WORKER = Path(__file__).with_name("qlib_worker.py")


class QlibUnavailableError(Exception):
    """qlib cannot be installed or imported here; the message says why."""


def qlib_python(home: Path) -> Path:
    """Interpreter with qlib; the environment is made if it is not there.

    Raises
    ------
    QlibUnavailableError
        With the last lines of what failed.
    """
    environment = home / "env"
    python = environment / "bin" / "python"
    if not (python.exists() and _imports(python)):
        _run([sys.executable, "-m", "venv", "--clear", str(environment)])
        _run([str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS])
        _run([str(python), "-c", "import qlib"])
    return python


def _imports(python: Path) -> bool:
    command = [str(python), "-c", "import qlib, pyarrow"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        tail = "\n".join((finished.stdout + finished.stderr).splitlines()[-10:])
        raise QlibUnavailableError(f"{' '.join(command)} failed:\n{tail}")
