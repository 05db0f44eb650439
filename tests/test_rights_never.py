"""No sequence of moves brings bytes into a release once somebody has withdrawn them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.films import copy_as, grey_film
from tests.manifest import sample
from tests.submitted import CONSENTS
from tthd_tools.clip import Clip, Span
from tthd_tools.ingest import ingest
from tthd_tools.lists import read_lists
from tthd_tools.rights import objection
from tthd_tools.said import Source, read_said
from tthd_tools.standing import read_rights, read_standings
from tthd_tools.workspace import Workspace

RAW, WORK, MANIFESTS = Path("raw"), Path("work"), Path("manifests")
MOVES = (
    "rename", "describe_anew", "move", "move_untold", "copy", "copy_untold", "forget_row",
    "forget_others", "put_old_lists_back", "name_no_consent", "ingest", "build",
)  # fmt: skip
NARROWER = {
    "tier": {",gated,": ",internal,", ",open,": ",internal,"},
    "scope": {"redistribute_media": "redistribute_derivatives"},
}
ENDS = ("item_id", "speaker_id", "consent_id", "sha256", "withdrawn", "expired")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey second."""
    return grey_film(tmp_path_factory.mktemp("film") / "film.mp4", 25)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(st.sampled_from(MOVES), max_size=2),
    end=st.sampled_from(ENDS),
    by=st.sampled_from(["first", "row"]),
    seen_by=st.sampled_from(["ingest", "build"]),
    after=st.lists(st.sampled_from(MOVES), min_size=1, max_size=6),
)
def test_what_was_withdrawn_is_in_no_release(
    film: Path, before: list[str], end: str, by: str, seen_by: str, after: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        corpus = Corpus(film)
        for move in ["ingest", *before, "ingest"]:
            getattr(corpus, move)()
        corpus.end(end, getattr(corpus, by))
        getattr(corpus, seen_by)()
        for move in [*after, "ingest", "build"]:
            getattr(corpus, move)()
            assert corpus.sha256 not in corpus.released, (before, end, by, seen_by, after)
        assert len(corpus.released) == 1  # the other film


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(st.sampled_from(MOVES), max_size=2),
    how=st.sampled_from(sorted(NARROWER)),
    seen_by=st.sampled_from(["ingest", "build"]),
    after=st.lists(st.sampled_from(MOVES), max_size=6),
)
def test_what_a_consent_does_not_cover_goes_no_wider(
    film: Path, before: list[str], how: str, seen_by: str, after: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        corpus = Corpus(film)
        for move in ["ingest", *before, "ingest"]:
            getattr(corpus, move)()
        corpus.narrow(how)
        getattr(corpus, seen_by)()
        for move in [*after, "ingest", "build", "name_no_consent", "ingest", "build"]:
            getattr(corpus, move)()
            assert corpus.sha256 not in corpus.shared, (before, how, seen_by, after)


def test_what_nobody_has_withdrawn_is_released(film: Path, tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        corpus = Corpus(film)
        for move in ("ingest", "rename", "move", "ingest", "describe_anew", "ingest", "build"):
            getattr(corpus, move)()
            assert (corpus.sha256 in corpus.shared) == (move == "build")
        assert corpus.sha256 in corpus.released


class Corpus:
    """Two films, of which one is described by a row, and whatever people do with them."""

    def __init__(self, film: Path) -> None:
        RAW.mkdir()
        copy_as(film, RAW / "other.mp4", 2)
        self.path = copy_as(film, RAW / "film.mp4", 1).name
        self.content = (RAW / self.path).read_bytes()
        self.sha256 = hashlib.sha256(self.content).hexdigest()
        self.count = 0
        self.row = self.first = self._row(self._new_id(), "a")
        self.others: list[dict[str, Any]] = []
        self.entries: list[str] = []
        self.consents = CONSENTS
        self.released: set[str] = set()
        self.shared: set[str] = set()

    def rename(self) -> None:
        self.row = self.row | {"item_id": self._new_id()}

    def describe_anew(self) -> None:
        person = "b" if self.row["speaker_id"].startswith("spk_a") else "a"
        self.row = self._row(self.row["item_id"], person)

    def move(self) -> None:
        self.move_untold()
        self.row = self.row | {"path": self.path}

    def move_untold(self) -> None:
        before, self.path = self.path, f"{self._new_id()}.mp4"
        (RAW / before).rename(RAW / self.path)

    def copy(self) -> None:
        row = self._row(self._new_id(), "b")
        path = f"{row['item_id']}.mp4"
        (RAW / path).write_bytes(self.content)
        self.others.append(row | {"path": path, "consent_id": None, "access_tier": "internal"})

    def copy_untold(self) -> None:
        (RAW / f"{self._new_id()}.mp4").write_bytes(self.content)

    def forget_row(self) -> None:
        self.row = self._row(self._new_id(), "b")

    def forget_others(self) -> None:
        self.others = []

    def put_old_lists_back(self) -> None:
        self.entries, self.consents = [], CONSENTS

    def name_no_consent(self) -> None:
        self.row = self.row | {"consent_id": None, "access_tier": "open"}

    def narrow(self, how: str) -> None:
        """The consent that was given first covers less from now on."""
        self.shared = set()
        first, *lines = self.consents.splitlines(keepends=True)
        for old, new in NARROWER[how].items():
            lines[0] = lines[0].replace(old, new)
        self.consents = "".join([first, *lines])

    def end(self, how: str, row: dict[str, Any]) -> None:
        """Somebody withdraws by a name of a row, or the consent that it names, or named, ends."""
        self.released = set()
        row = row | {"consent_id": row["consent_id"] or self.first["consent_id"]}
        if how in row:
            self.entries.append(json.dumps({how: row[how]}))
            return
        lines = self.consents.splitlines(keepends=True)
        named = row["consent_id"]
        self.consents = "".join(
            line.replace("granted", how) if line.startswith(named) else line for line in lines
        )

    def ingest(self) -> None:
        self._write()
        said = read_said(RAW, WORK, Source())
        lists = read_lists(RAW, WORK, said.source.manifests)
        workspace = Workspace.create(WORK, RAW)
        with workspace.writing():
            rights = read_rights(workspace, lists=lists)
            said.remember(workspace)
            ingest(
                workspace,
                describe=said.describe,
                judge=lambda sha256: rights.refusal(sha256) or said.judge(sha256),
            )
            said.conclude(workspace)

    def build(self) -> None:
        """What of all items as they are would be in an internal release, and what in a gated one
        if reviewers had accepted all of it."""
        self._write()
        self.released, self.shared = set(), set()
        if not WORK.exists():
            return
        workspace = Workspace(WORK)
        clips = [
            Clip(f"{item.item_id}_0000", "clip", item, RAW, Span(0.0, 1.0))
            for item, _ in workspace.items()
        ]
        standings = read_standings(workspace, clips)
        allowed = [one for one in clips if objection("internal", standings.of(one)) is None]
        self.released = {clip.item.sha256 for clip in allowed}
        self.shared = {
            clip.item.sha256
            for clip in clips
            if objection("gated", replace(standings.of(clip), review="accepted")) is None
        }

    def _new_id(self) -> str:
        self.count += 1
        return f"film-{self.count:04d}"

    def _row(self, item_id: str, person: str) -> dict[str, Any]:
        return sample.row(
            item_id=item_id,
            path=self.path,
            sha256=self.sha256,
            speaker_id=f"spk_{person * 12}",
            consent_id=f"con_{person * 12}",
        )

    def _write(self) -> None:
        shutil.rmtree(MANIFESTS, ignore_errors=True)
        text = sample.SUBMISSION.replace("max: gated", "max: open")
        if self.row["consent_id"] is None:
            text = text.replace("speaker_consent", "open_licence")
        sample.write(MANIFESTS, [_plain(self.row)], submission=text, consents=self.consents)
        if self.others:
            text = sample.SUBMISSION.replace("lab-a", "lab-b").replace("speaker_consent", "unknown")
            text = text.replace("max: gated", "max: internal")
            name = "sub_20260401_lab-b"
            others = [_plain(one) for one in self.others]
            sample.write(MANIFESTS, others, submission=text, name=name, consents=self.consents)
        lines = "".join(f"{line}\n" for line in self.entries)
        (MANIFESTS / "WITHDRAWALS.jsonl").write_text(lines)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
