"""Objects full of arrays, written once and mapped by several processes without a copy each."""

from __future__ import annotations

import mmap
import os
import pickle
from pathlib import Path
from typing import Any

# Arrays start at multiples of this many bytes, as processors like it.
_ALIGNMENT = 64


def share(value: Any, file: Path) -> int:
    """Write an object so that others can map its arrays; bytes written.

    Contiguous arrays go into the file as they lie in memory, everything else into a pickle beside
    it. Only processes of the same run may read it.
    """
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    spans = []
    with file.open("wb") as stream:
        for buffer in buffers:
            stream.write(b"\0" * (-stream.tell() % _ALIGNMENT))
            raw = buffer.raw()
            spans.append((stream.tell(), raw.nbytes))
            stream.write(raw)
        # A map of no bytes is refused.
        stream.write(b"\0")
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
