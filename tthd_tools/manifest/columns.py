"""The fields of a manifest go in, the tables of manifests/README.md come out.

``python -m tthd_tools.manifest.columns FILE`` writes them anew between their marks in a file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tthd_tools.manifest.schema import ManifestItem, Submission
from tthd_tools.text import DIALECTS

SUBMISSION: Mapping[str, str] = {
    "schema": "the version of these rules",
    "submission_id": "the name of the submission, which its folder has too",
    "contributor.handle": "who sends it: a public handle or a lab's name; no e-mail, no phone",
    "contributor.kind": "what the contributor is",
    "rights_basis": "why these videos may be used",
    "license": "under which terms you give them",
    "license_file": "the text of a licence of your own (`LicenseRef-…`)",
    "consent_policy": "the form that the speakers agreed to: `version`, `sha256`, `languages`; "
    "needed with `speaker_consent`",
    "access_tier_max": "the widest circle that may ever have these videos",
    "source_kind": "`url_crop` where the videos are published elsewhere and nothing is sent",
    "items": "the file with one row for each video",
    "collection.setting": "where it was recorded",
    "collection.elicitation": "what the speakers were asked to do",
    "collection.period": "from when to when",
    "notes": "anything else; it is public, so nothing about a person",
}
COLUMNS: Mapping[str, str] = {
    "item_id": "the name of the video in the corpus, never used again for another one",
    "path": "where the file lies below your folder of videos; needed with `files`",
    "source_url": "the page where it is published; needed with `url_crop`, and never fetched",
    "source_id": "its id on that page",
    "sha256": "the fingerprint of the file (`sha256sum FILE`); needed with `files`",
    "speaker_id": "who speaks: one id for one person in all submissions",
    "consent_id": "the consent that the speaker gave; needed with `speaker_consent`",
    "speaker_is_adult": "`false` needs the consent of a guardian",
    "other_people_visible": "whether others are seen, and may be; `unconsented` is refused",
    "synthetic": "whether voice or face were made by a machine",
    "access_tier": "the circle that may have this video",
    "language": "the language that is spoken",
    "dialect": "needed for Tibetan",
    "locality": "county or town of the dialect, no address",
    "dialect_source": "who says that it is this dialect",
    "text_raw": "what is said, word for word, in the script of the language",
    "text_status": "where the text comes from, and whether somebody has checked it",
    "text_source": "the model or the prompt that the text comes from",
    "register": "the style of the language",
    "emotion": "the emotion that is shown",
    "emotion_intensity": "how strong it is; 0 only with `neutral` and `calm`",
    "emotion_origin": "who says so; needed with `emotion`",
    "emotion_segments": "emotions of pieces, as JSON",
    "fps": "if given, it must be that of the file",
    "width": "if given, it must be that of the file",
    "height": "if given, it must be that of the file",
    "duration_s": "if given, it must be that of the file",
    "segments": "the pieces that may be used, as JSON; all of it where there are none",
    "recorded_on": "the month",
    "device": "camera and microphone",
    "notes": "anything else; it is public, so nothing about a person",
}


def column_table(model: type[BaseModel], meanings: Mapping[str, str]) -> str:
    """A Markdown table of a model's fields: name, whether it is needed, meaning, values."""
    schema = model.model_json_schema()
    lines = ["| name | needed | what it says | what may stand there |", "|---|---|---|---|"]
    for name, meaning in meanings.items():
        needed, node = _look_up(schema, name)
        mark = "yes" if needed else ""
        lines.append(f"| `{name}` | {mark} | {meaning} | {_values(node)} |")
    return "\n".join(lines)


def renewed(text: str) -> str:
    """A page with its two tables as the schema has them now. Raises ValueError without marks."""
    for mark, model, meanings in (
        ("submission", Submission, SUBMISSION),
        ("columns", ManifestItem, COLUMNS),
    ):
        before, after = text.index(f"<!-- {mark} -->"), text.index(f"<!-- end of {mark} -->")
        table = column_table(model, meanings)
        text = f"{text[:before]}<!-- {mark} -->\n{table}\n{text[after:]}"
    return text


def choices(name: str) -> tuple[str, ...]:
    """The words that a field or an option of that name may have; none where it is free."""
    if name == "dialect":
        return DIALECTS
    field = {"kind": "contributor.kind", "tier": "access_tier_max"}.get(name, name)
    schema = Submission.model_json_schema()
    field = field.replace("-", "_")
    known = field in SUBMISSION
    return tuple(_look_up(schema, field)[1].get("enum", ())) if known else ()


def _look_up(schema: Any, name: str) -> tuple[bool, Any]:
    """Whether a field, or one of a mapping inside (``contributor.kind``), is needed; its schema."""
    needed, node = True, schema
    for step in name.split("."):
        needed = needed and step in node.get("required", ())
        node = _resolved(schema, node["properties"][step])
    return needed, node


def _resolved(schema: Any, node: Any) -> Any:
    for choice in node.get("anyOf", ()):
        if choice.get("type") != "null":
            return {**node, **_resolved(schema, choice)}
    if "$ref" in node:
        return schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node


def _values(node: Any) -> str:
    words = node.get("enum") or [node["const"]] if "const" in node or "enum" in node else []
    text = ", ".join(f"`{word}`" for word in words) or node.get("description", "")
    return "" if "properties" in node else text.replace("|", "\\|")


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
