"""A workspace, its policy and the decisions so far come in; what the review page shows goes out.

The page reads small script files, since a browser lets a page that was opened from disk read no
other file: ``data/settings.js``, ``data/queue.js``, and ``clips/<clip_id>.js`` when it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from tthd_tools import __version__
from tthd_tools.clip import FPS, Clip, Item
from tthd_tools.errors import UsageError
from tthd_tools.pipeline import Rule, suggest
from tthd_tools.review.content import content_sha256, item_content_sha256
from tthd_tools.review.corrections import Emotion
from tthd_tools.review.drawings import MESH_PX, PEAKS_HZ, drawings
from tthd_tools.review.events import REASONS, VETOES, Event
from tthd_tools.review.scores import score_card
from tthd_tools.review.settings import ReviewSettings
from tthd_tools.review.transcript import transcript
from tthd_tools.rights import Consent
from tthd_tools.rights_seen import Seen
from tthd_tools.standing import Rights
from tthd_tools.text.checks import FASTEST_RATE_HZ, MOST_STACKS
from tthd_tools.text.languages import DIALECTS, is_tibetan
from tthd_tools.text.script import DEPRECATED, DIGITS, INVISIBLE_IN_TIBETAN, LETTERS, OM, SIGNS

PAGE = Path(__file__).parent / "page"
GUIDELINES = "1"
UI_VERSION = f"page-1 tthd-{__version__}"
LONGEST_KEYMAP = 1 << 16


@dataclass(frozen=True)
class Bundle:
    """What there is to review.

    ``clips`` are those of the queue, in its order, their items as they were sent; ``rows`` their
    rows of the table with the policy's verdict. ``states``, ``corrections`` and ``standing`` are
    what the fold of all decisions says of a clip, ``history`` the decisions about it; ``rights``
    what is known of consents. Clips of ``gold`` look as if nobody had decided about them.
    """

    clips: Mapping[str, Clip]
    rows: Mapping[str, Mapping[str, Any]]
    rules: Sequence[Rule]
    states: Mapping[str, str] = field(default_factory=dict)
    corrections: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    history: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    standing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reopened: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rights: Rights = field(default_factory=lambda: Rights({}, Seen()))
    review: ReviewSettings = field(default_factory=ReviewSettings)
    gold: frozenset[str] = frozenset()

    def settings(
        self, keymap: Mapping[str, Sequence[str]], reviewer: str | None, *, served: bool
    ) -> dict[str, Any]:
        """What is the same for all clips: keys, reasons, emotions, rules of text."""
        return {
            "schema": "tthd.review/1",
            "ui_version": UI_VERSION,
            "guideline_version": GUIDELINES,
            "served": served,
            "reviewer": reviewer,
            "dialects_of": {name: one.dialects for name, one in self.review.reviewers.items()},
            "rulers": sorted(self.review.adjudicators | self.review.maintainers),
            "rights_vote": self.review.rights_vote,
            "play_first": True,
            "keymap": keymap,
            "reasons": [reason for reason in REASONS if reason not in VETOES],
            "vetoes": VETOES,
            "emotions": get_args(Emotion),
            "mesh_px": MESH_PX,
            "peaks_hz": PEAKS_HZ,
            "text": {
                "letters": LETTERS + OM,
                "signs": SIGNS,
                "digits": DIGITS,
                "unseen": INVISIBLE_IN_TIBETAN,
                "deprecated": "".join(DEPRECATED),
                "most_stacks": MOST_STACKS,
                "fastest_hz": FASTEST_RATE_HZ,
            },
        }

    def queue(self, reviewer: str | None = None) -> dict[str, Any]:
        """One short entry a clip, in order, and what that reviewer has decided before."""
        entries = [self._entry(clip) for clip in self.clips.values()]
        return {"clips": entries, "own": self.own(reviewer) if reviewer else {}}

    def own(self, reviewer: str) -> dict[str, list[dict[str, Any]]]:
        """The decisions of one reviewer by clip; those on a whole item are at its first clip."""
        seen: set[str] = set()
        found: dict[str, list[dict[str, Any]]] = {}
        for clip in self.clips.values():
            is_first = clip.item.item_id not in seen
            seen.add(clip.item.item_id)
            own = [
                json.loads(event.line())
                for event in self.history.get(clip.id, ())
                if event.actor == reviewer and (event.clip_id is not None or is_first)
            ]
            if own:
                found[clip.id] = own
        return found

    def sheet(self, clip_id: str) -> dict[str, Any]:
        """All that is shown of one clip; its media lie beside it. Raises KeyError."""
        clip = self.clips[clip_id]
        item = clip.item
        standing = self.rights.standing(clip)
        return {
            "clip_id": clip.id,
            "item_id": item.item_id,
            "content_sha256": content_sha256(clip),
            "source_sha256": item.sha256,
            "item_content_sha256": item_content_sha256(item),
            "duration_s": clip.span.duration_s,
            "frames": clip.frame_count,
            "fps": FPS,
            "video": f"clips/{clip.id}.mp4",
            "still": f"clips/{clip.id}.jpg" if clip.source.is_file() else None,
            "language": item.language,
            "is_tibetan": is_tibetan(item.language or "bo"),
            "dialects": DIALECTS if is_tibetan(item.language or "bo") else (),
            "speaker_id": item.speaker_id,
            "stated": _stated(item),
            "corrected": self._corrected(clip),
            **transcript(clip),
            "scores": score_card(self.rows[clip_id], self.rules),
            "rights": item.rights,
            "license": item.license,
            "tier": item.tier,
            "consent_needed": standing.lives_by_consent,
            "consent_status": standing.consent_status,
            "consent": _consent(self.rights.consent(item)),
            "history": [json.loads(one.line()) for one in self._events_of(clip)],
            "standing": [] if clip_id in self.gold else list(self.standing.get(clip_id, ())),
            "reopened": [] if clip_id in self.gold else list(self.reopened.get(clip_id, ())),
            "drawings": drawings(clip),
        }

    def _events_of(self, clip: Clip) -> list[Event]:
        """Decisions about a clip or its whole item, oldest first, outside their logs."""
        events = () if clip.id in self.gold else self.history.get(clip.id, ())
        return sorted((one.unsealed() for one in events), key=lambda one: one.order)

    def _entry(self, clip: Clip) -> dict[str, Any]:
        return {
            "clip_id": clip.id,
            "item_id": clip.item.item_id,
            "dialect": clip.item.dialect,
            "contributor": clip.item.contributor,
            "state": "unreviewed" if clip.id in self.gold else self._state(clip),
        }

    def _state(self, clip: Clip) -> str:
        return self.states.get(clip.id, "unreviewed")

    def _corrected(self, clip: Clip) -> dict[str, Any]:
        changes = {} if clip.id in self.gold else self.corrections.get(clip.id, {})
        return _stated(clip.item) | dict(changes)


def script(kind: str, data: Mapping[str, Any]) -> str:
    """A script file that hands data to the page.

    The data stand in it as JSON inside a string in ASCII: nothing in them can end the string, and a
    key such as ``__proto__`` stays a key.
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return f'tthd.take("{kind}", {json.dumps(text)});\n'


def read_script(kind: str, text: str) -> Any:
    """The data of such a file. Raises ValueError for another one."""
    head, tail = f'tthd.take("{kind}", ', ");\n"
    if not (text.startswith(head) and text.endswith(tail)):
        raise ValueError(f"this is no script of {kind}")
    return json.loads(json.loads(text.removeprefix(head).removesuffix(tail)))


def read_keymap(path: Path | None = None) -> dict[str, list[str]]:
    """The keys of the page: those of a file on top of the default ones.

    A file holds ``{"accept": ["a"], …}``. Raises UsageError for what is no such file, an unknown
    action, or a key that stands for two actions.
    """
    known: dict[str, list[str]] = json.loads((PAGE / "keymap.json").read_text(encoding="utf-8"))
    if path is None:
        return known
    try:
        if path.stat().st_size > LONGEST_KEYMAP:
            raise ValueError("it is larger than 64 kB")
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(data, dict):
            raise ValueError("it must hold one object {…}")
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as a keymap: {error}") from error
    for action, wanted in data.items():
        if action not in known:
            raise UsageError(f"{path}: no action {action!r}{suggest(action, list(known))}")
        if not isinstance(wanted, list) or not all(_is_key(key) for key in wanted):
            raise UsageError(
                f'{path}: {action} needs a list of keys such as ["a", "Shift+ArrowLeft"]'
            )
        known[action] = wanted
    taken: dict[str, str] = {}
    for action, wanted in known.items():
        for key in wanted:
            if taken.setdefault(key, action) != action:
                raise UsageError(f"{path}: key {key!r} stands for {taken[key]} and {action}")
    return known


def _is_key(key: Any) -> bool:
    return isinstance(key, str) and 0 < len(key) <= 30


def _stated(item: Item) -> dict[str, Any]:
    """What was sent, of all that can be corrected."""
    return {
        "text": item.text,
        "dialect": item.dialect,
        "emotion": item.emotion,
        "emotion_intensity": item.emotion_intensity,
        "trim_s": None,
    }


def _consent(consent: Consent | None) -> dict[str, Any] | None:
    if consent is None:
        return None
    return {
        "status": consent.status,
        "tier": consent.tier,
        "scope": sorted(consent.scope),
        "form_version": getattr(consent, "form_version", None),
    }
