"""What a piece of work holds at its height, whatever the process held before."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import _resident
from benchmarks._resident import with_added_bytes
from orchestration.lib.paths import PROJECT_ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="by the figures of Linux")
# The system counts pages roughly.
SIZE = 64_000_000


def test_the_height_counts_and_not_what_is_left():
    sizes, added = with_added_bytes(lambda: [len(np.ones(SIZE, dtype=np.int8)) for _ in range(3)])
    assert sizes == [SIZE] * 3
    assert 0.9 * SIZE < added < 1.5 * SIZE
    assert with_added_bytes(lambda: 1)[1] < SIZE / 4


def test_the_size_of_the_process_that_started_it_does_not_count():
    held = np.ones(4 * SIZE, dtype=np.int8)
    script = f"""
import numpy as np
from benchmarks._resident import with_added_bytes
print(with_added_bytes(lambda: np.ones({SIZE}, dtype=np.int8).nbytes)[1])
"""
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT_ROOT)
    assert len(held) > SIZE
    assert 0.9 * SIZE < int(found.stdout) < 1.5 * SIZE


def test_another_system_is_told_so(monkeypatch, tmp_path):
    monkeypatch.setattr(_resident, "_PROCESS", Path(tmp_path))
    with pytest.raises(RuntimeError, match="needs Linux"):
        with_added_bytes(lambda: 1)
