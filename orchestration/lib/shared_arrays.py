"""Objects full of arrays, written once and mapped by several processes without a copy each."""

from __future__ import annotations

import io
import mmap
import os
import pickle
from pathlib import Path
from types import MappingProxyType
from typing import Any

# Arrays start at multiples of this many bytes, as processors like it.
_ALIGNMENT = 64


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


class _Pickler(pickle.Pickler):
    """Knows read-only mappings, which pickle by itself does not."""

    def reducer_override(self, value: Any) -> Any:
        """How a read-only mapping is written; the usual way for everything else."""
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        return NotImplemented


def share(value: Any, file: Path) -> int:
    """Write an object so that others can map its arrays; bytes written.

    Contiguous arrays go into the file as they lie in memory, everything else into a pickle beside
    it. Only processes of the same run may read it.
    """
    buffers: list[pickle.PickleBuffer] = []
    stream = io.BytesIO()
    _Pickler(stream, protocol=5, buffer_callback=buffers.append).dump(value)
    head = stream.getvalue()
    spans = []
    with file.open("wb") as arrays:
        for buffer in buffers:
            arrays.write(b"\0" * (-arrays.tell() % _ALIGNMENT))
            raw = buffer.raw()
            spans.append((arrays.tell(), raw.nbytes))
            arrays.write(raw)
        # A map of no bytes is refused.
        arrays.write(b"\0")
    file.with_suffix(".head").write_bytes(pickle.dumps((head, spans)))
    return file.stat().st_size + len(head)


def attach(file: Path) -> Any:
    """The object again, its arrays read-only views of the file.

    Pages that several processes look at are in memory once.
    """
    head, spans = pickle.loads(file.with_suffix(".head").read_bytes())
    descriptor = os.open(file, os.O_RDONLY)
    try:
        mapped = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(descriptor)
    return pickle.loads(head, buffers=[mapped[start : start + size] for start, size in spans])
