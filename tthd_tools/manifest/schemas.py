"""The models go in, JSON Schemas (2020-12) come out: ``python -m tthd_tools.manifest.schemas DIR``.

They say what form the fields have; what fields say to each other is in the rules.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tthd_tools.manifest.consent import Consent
from tthd_tools.manifest.report import Envelope
from tthd_tools.manifest.schema import FREE_PREFIX, ManifestItem, Submission

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELS: Mapping[str, type[BaseModel]] = {
    "submission": Submission,
    "item": ManifestItem,
    "consent": Consent,
    "report": Envelope,
}


def make_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one of ``MODELS``; x_ fields are free where the model keeps them."""
    schema = MODELS[name].model_json_schema(
        mode="serialization" if name == "consent" else "validation"
    )
    if schema["properties"].pop("other", None) is not None:
        schema["patternProperties"] = {f"^{FREE_PREFIX}": {}}
    return {"$schema": DIALECT, "$id": f"{name}.schema.json", **schema}


def schema_text(name: str) -> str:
    """The same as the file holds it."""
    return json.dumps(make_schema(name), ensure_ascii=False, indent=2) + "\n"


def write_schemas(folder: Path) -> None:
    """Write ``NAME.schema.json`` of all models."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        (folder / f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "schemas"))
