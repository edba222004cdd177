"""Whether the machine has what an experiment trains on."""

from __future__ import annotations

from models_ml.specs import Device
from orchestration.lib.errors import UserError


class DeviceMissingError(UserError):
    """The experiment asks for a device that is not there."""


def require_device(device: Device) -> None:
    """Refuse a device that the libraries would silently replace by the processor.

    Raises
    ------
    DeviceMissingError
        If it is 'cuda' or 'mps' and no such device is visible.
    """
    if device == "cpu":
        return
    # Heavy to import, and needed for this question alone.
    import torch

    is_there = torch.cuda.is_available() if device == "cuda" else torch.mps.is_available()
    if not is_there:
        raise DeviceMissingError(
            f"the experiment asks for device {device}, and no {device.upper()} device is visible:"
            " write `device: cpu` under `forecast`, or run it where there is one"
        )
