"""A device that is not there is an error, not a silent fall-back."""

from pathlib import Path

import pytest
import torch

from models_ml.specs import Device
from orchestration.lib.device import DeviceMissingError, require_device
from orchestration.lib.experiment import load_experiment
from orchestration.lib.paths import PROJECT_ROOT
from orchestration.lib.window_plan import WindowTask, _key, window_tasks

TINY = PROJECT_ROOT / "tests" / "fixtures" / "experiments" / "tiny.yml"


def task_on(directory: Path, device: Device) -> WindowTask:
    """First training window of the tiny experiment on a device."""
    text = TINY.read_text(encoding="utf-8").replace("forecast:", f"forecast:\n  device: {device}")
    file = directory / "tiny.yml"
    file.write_text(text, encoding="utf-8")
    task = window_tasks(load_experiment(str(file)))[0]
    assert isinstance(task, WindowTask)
    return task


def test_the_processor_is_always_there() -> None:
    require_device("cpu")


def test_a_missing_device_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceMissingError, match="device: cpu"):
        require_device("cuda")


def test_a_device_that_is_there_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    require_device("cuda")


def test_the_device_is_part_of_a_windows_key(tmp_path: Path) -> None:
    on_cpu, on_cuda = (task_on(tmp_path, device) for device in ("cpu", "cuda"))
    assert (on_cpu.device, on_cuda.device) == ("cpu", "cuda")
    assert _key(on_cpu, {"practitioner": {}}, "code") != _key(on_cuda, {"practitioner": {}}, "code")
