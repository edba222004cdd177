"""Load a training panel into arrays and say how long that alone took.

python -m benchmarks.warehouse_parts.panel_worker DATABASE RULE_SET TIMING
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from orchestration.lib.panel_reading import load_panel

if __name__ == "__main__":
    wall, processor = time.perf_counter(), time.process_time()
    panel = load_panel(Path(sys.argv[1]), sys.argv[2])
    timing = {
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - processor,
        "rows": panel.row_count,
        "features": len(panel.feature_names),
    }
    Path(sys.argv[3]).write_text(json.dumps(timing), encoding="utf-8")
