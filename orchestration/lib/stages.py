"""Which stages of an experiment are up to date."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Stage = Literal["warehouse", "factor_research", "risk_model", "canaries", "results"]


@dataclass(frozen=True)
class StageRecord:
    """Key of the last completed build of each stage, one small file."""

    file: Path

    def is_current(self, stage: Stage, key: str) -> bool:
        """Whether the stage was completed with exactly these inputs."""
        return self._read().get(stage) == key

    def begin(self, stage: Stage) -> None:
        """Forget the stage: from here on it is unfinished until `complete`."""
        content = self._read()
        content.pop(stage, None)
        self._write(content)

    def complete(self, stage: Stage, key: str) -> None:
        """The stage is done for these inputs."""
        self._write({**self._read(), stage: key})

    def _read(self) -> dict[str, str]:
        if not self.file.exists():
            return {}
        content: dict[str, str] = json.loads(self.file.read_text(encoding="utf-8"))
        return content

    def _write(self, content: dict[str, str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
        temporary.replace(self.file)
