"""Every file that Python hands to dbt, by kind: names, order and types of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from orchestration.lib.model_output_schemas import MODEL_OUTPUT
from orchestration.lib.ops_output_schemas import OPS_OUTPUT
from orchestration.lib.optimizer_output_schemas import OPTIMIZER_OUTPUT
from orchestration.lib.research_output_schemas import RESEARCH_OUTPUT
from orchestration.lib.risk_output_schemas import RISK_OUTPUT

HANDOFF: Mapping[str, Mapping[str, pa.Schema]] = MappingProxyType(
    {
        "model_output": MODEL_OUTPUT,
        "optimizer_output": OPTIMIZER_OUTPUT,
        "ops_output": OPS_OUTPUT,
        "research_output": RESEARCH_OUTPUT,
        "risk_output": RISK_OUTPUT,
    }
)
