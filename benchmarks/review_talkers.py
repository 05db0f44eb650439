"""The fifteen real talkers go in as three submissions; which of their clips each release holds, and
why the others are not there, comes out beside what the plan says.

    PYTHONPATH=. python benchmarks/review_talkers.py [--media DIR] [--keep FOLDER]

Consents of all kinds, three reviewers in a real Chromium: one at a page that was opened from disk,
one at a served page, and one who ends a dispute. The plan, and what must come of it, is
``review_plan.py``. Exit code 1 where anything differs. The work folder is removed, unless it is to
be kept; it holds faces.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness import ROOT, print_table
from review_by_keys import review
from review_plan import (
    ADJUDICATOR,
    CLIPS,
    CONSENTS,
    FPS,
    REVIEWERS,
    SKIP,
    SUBMISSIONS,
    TALKERS,
    TIERS,
    Act,
    Expected,
    Submission,
    consent_at,
)

from tests.cli_run import PROGRAM, Done
from tests.review_page.browser import Page, Served, prepare, start_chromium
from tests.submitted import records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    media = ROOT.parent / "shared" / "media"
    parser.add_argument("--media", type=Path, default=media, help="talkers/ (default %(default)s)")
    parser.add_argument("--keep", type=Path, help="a new folder to work in, which stays")
    options = parser.parse_args()
    raw = (options.media / "talkers").absolute()
    before = listing(raw)
    with TemporaryDirectory(prefix="tthd-talkers-") as temporary:
        place = (options.keep or Path(temporary)).absolute()
        place.mkdir(parents=True, exist_ok=True)
        differs = Chain(place, raw).run()
    if listing(raw) != before:
        differs.append(f"{raw} has changed")
    for one in differs:
        print(f"DIFFERS: {one}")
    print(f"{len(differs)} differences")
    sys.exit(1 if differs else 0)


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of every file."""
    found = [(path, path.lstat()) for path in sorted(folder.rglob("*"))]
    return [(str(path), at.st_size, at.st_mtime_ns) for path, at in found]


class Chain:
    """All steps from the manifests to the releases, in one folder; what differs is noted."""

    def __init__(self, place: Path, raw: Path) -> None:
        self.place, self.raw, self.differs = place, raw, list[str]()
        self.ids: dict[str, str] = {}
        self.ends: list[str] = []

    def run(self) -> list[str]:
        """Go through all steps; returns what differs from the plan."""
        for step in (
            self.submit, self.ingest, self.measure, self.review, self.adjudicate, self.release,
            self.withdraw,
        ):  # fmt: skip
            began = time.perf_counter()
            step()
            print(f"{step.__name__}: {time.perf_counter() - began:.0f} s\n", flush=True)
        return self.differs

    def tthd(self, *words: object, code: int = 0, said: str | None = None) -> Done:
        """A command in the work folder; with another exit code than this nothing goes on."""
        done = subprocess.run(
            [*PROGRAM, *map(str, words)], cwd=self.place, input=said, capture_output=True, text=True
        )
        if done.returncode != code:
            sys.exit(f"tthd {' '.join(map(str, words))}: {done.returncode}\n{done.stderr}")
        return Done(done.returncode, done.stdout, done.stderr)

    def same(self, what: str, found: object, expected: object) -> None:
        """Note it where they differ."""
        if found != expected:
            self.differs.append(f"{what}: {found!r}, expected {expected!r}")

    def submit(self) -> None:
        """Three submissions as contributors write them, and the public list of consents."""
        secret = ("--secret", self.place / "speakers.secret")
        self.tthd("manifest", "speaker-id", "--new-secret", *secret)
        people = sorted({one.person for one in TALKERS.values()})
        keys = "".join(f"person {one}\n" for one in people)
        for kind, option in (("spk", ()), ("con", ("--consent",))):
            made = self.tthd("manifest", "speaker-id", *secret, *option, "--json", said=keys).json
            self.ids |= {f"{kind} {one}": name for one, name in zip(people, made, strict=True)}
        (self.place / "form.txt").write_text("I agree.\n")
        (self.place / "tthd.toml").write_text(f'[review]\nadjudicators = ["{ADJUDICATOR}"]\n')
        for one in SUBMISSIONS:
            self.write_manifest(one)
        self.write_consents("at ingest")
        checked = self.tthd(
            "manifest", "check", "manifests", "--with-media", self.raw, "--json", code=1
        ).json
        errors = [one for one in checked["findings"] if one["severity"] == "error"]
        self.same("errors in manifests", [one["code"] for one in errors], ["M023"])

    def write_manifest(self, submission: Submission) -> None:
        """Let ``manifest new`` list all videos, keep the contributor's own, and fill them in."""
        name, handle, kind, rights, license, tier = submission
        form = ("--consent-form", "form.txt") if rights == "speaker_consent" else ()
        self.tthd(
            "manifest", "new", "manifests", "--submission-id", name, "--handle", handle,
            "--kind", kind, "--rights-basis", rights, "--license", license, "--tier", tier,
            "--language", "bo", "--dialect", "u-tsang", "--adult", "--other-people", "none",
            "--synthetic", "no", "--raw", self.raw, *form,
        )  # fmt: skip
        path = self.place / "manifests" / name / "items.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        own = [one for one in rows if TALKERS[one["path"][:4]].submission == submission]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(one | self.answers(one["path"][:4]) for one in own)

    def answers(self, name: str) -> dict[str, str]:
        """What a contributor fills in for a video."""
        talker = TALKERS[name]
        found = {"access_tier": talker.tier, "text_raw": talker.text}
        found["text_status"] = "human" if talker.text else "none"
        if talker.submission.rights != "unknown":
            found["speaker_id"] = self.ids[f"spk {talker.person}"]
        if talker.person in CONSENTS:
            found["consent_id"] = self.ids[f"con {talker.person}"]
        if talker.text.isascii() and talker.text:
            found |= {"language": "de", "dialect": ""}
        return found

    def write_consents(self, moment: str) -> None:
        """The list as it is then."""
        lines = ["consent_id,speaker_id,scope,tier,form_version,status"]
        for person in CONSENTS:
            one = consent_at(person, moment)
            assert one is not None
            ids = self.ids[f"con {person}"], self.ids[f"spk {person}"]
            lines.append(",".join((*ids, one.scope, one.tier, "v1", one.becomes)))
        (self.place / "manifests" / "consents.csv").write_text("\n".join(lines) + "\n")

    def ingest(self) -> None:
        """Register; the row without a consent keeps its video out."""
        done = self.tthd("ingest", self.raw, code=3)
        print(done.err)

    def measure(self) -> None:
        """All stages of the default pipeline; each clip gets the plan's name."""
        self.tthd("measure", code=3)
        items = self.tthd("status", "--json").json["items"]
        found = {
            f"{item['source'][:4]}{clip['clip_id'][-5:]}": clip["clip_id"]
            for item in items
            for clip in item["clips"]
        }
        self.ids |= found
        refused = {f"{name}_0000": name for name, one in TALKERS.items() if one.refused}
        self.ids |= {
            clip: item["item_id"]
            for clip, name in refused.items()
            for item in items
            if item["source"].startswith(name)
        }
        self.same("clips", sorted(found), sorted(set(CLIPS) - set(refused)))
        self.ends = [end["id"] for item in items for end in item["ended"]]

    def review(self) -> None:
        """Two reviewers decide: one at a served page, the other at one from disk."""
        self.write_consents("before the review")
        first, second = REVIEWERS
        self.tthd("review", "export", "--out", "page", "--reviewer", second)
        with self.browser(first) as page, self.served("--reviewer", first) as address:
            self.look_at(page, address, 0)
        with self.browser(second) as page:
            self.look_at(page, (self.place / "page" / "index.html").as_uri(), 1)
            saved = page.download()
        merged = self.tthd("review", "merge", saved, "--json").json
        self.same("refused lines", [one["refused"] for one in merged], [[]])
        self.write_consents("after the review")

    def look_at(self, page: Page, address: str, reviewer: int) -> None:
        """One reviewer's part of the plan."""
        names = {clip_id: name for name, clip_id in self.ids.items()}

        def act_for(clip_id: str) -> Act:
            acts = CLIPS[names[clip_id]].acts
            assert acts is not None, f"{clip_id} is shown"
            return acts[reviewer]

        screens = self.place / "screens" / REVIEWERS[reviewer]
        shown = review(page, address, act_for, screens)
        planned = [name for name, one in CLIPS.items() if one.acts is not None]
        self.same("clips on the page", sorted(names[one] for one in shown), sorted(planned))
        self.quiet(page, address)

    def adjudicate(self) -> None:
        """One more person ends one dispute and leaves the other."""
        disputed = {name: one for name, one in CLIPS.items() if one.ruling is not None}
        names = {clip_id: name for name, clip_id in self.ids.items()}
        options = ("--state", "disputed", "--reviewer", ADJUDICATOR)
        with self.browser(ADJUDICATOR) as page, self.served(*options) as address:
            screens = self.place / "screens" / ADJUDICATOR
            shown = review(page, address, lambda one: disputed[names[one]].ruling or SKIP, screens)
            self.same("disputes", sorted(names[one] for one in shown), sorted(disputed))
            self.quiet(page, address)
        self.tthd("review", "status")

    def quiet(self, page: Page, address: str) -> None:
        """Nothing but the page itself was asked for, and the console has nothing to say."""
        origin = address.rpartition("/")[0]
        asked = [one for one in page.requests() if not one.startswith((origin, "blob:", "data:"))]
        self.same("requests elsewhere", asked, [])
        self.same("complaints of the browser", page.complaints(), [])

    @contextmanager
    def browser(self, name: str) -> Iterator[Page]:
        """A fresh Chromium for one reviewer."""
        downloads = self.place / "downloads" / name
        for folder in (downloads, self.place / "screens" / name):
            folder.mkdir(parents=True)
        driver = start_chromium()
        try:
            prepare(driver, downloads)
            yield Page(driver, downloads)
        finally:
            driver.quit()

    @contextmanager
    def served(self, *options: str) -> Iterator[str]:
        """The address of ``tthd review serve``."""
        served = Served(self.place / "work", *options)
        try:
            yield served.address
        finally:
            served.stop()

    def release(self) -> None:
        """A release of each tier, verified and compared; the table."""
        self.compare("after the review")

    def withdraw(self) -> None:
        """A speaker withdraws, and the releases are built again."""
        self.write_consents("after the releases")
        self.compare("after the releases")

    def compare(self, moment: str) -> None:
        """Build all tiers; what they hold, and what ``status --why`` says, against the plan."""
        plan = {name: Expected(name, moment) for name in CLIPS}
        held = {tier: self.build(tier, plan) for tier in TIERS}
        rows = []
        for name, one in plan.items():
            told = self.tthd("status", "--why", self.ids[name]).out
            self.check_why(one, told)
            marks = ["x" if self.ids[name] in held[tier] else "-" for tier in TIERS]
            rows.append((name, one.state, *marks, one.against("open") or ""))
        for end in self.ends:
            told = self.tthd("status", "--why", end).out
            self.same(f"why {end}", "ended       short_track by tracks" in told, True)
        print(f"{moment}:")
        print_table(("clip", "review", *TIERS, "what the plan has against open"), rows)

    def build(self, tier: str, plan: Mapping[str, Expected]) -> dict[str, dict[str, Any]]:
        """The samples of a fresh release, compared with the plan."""
        self.tthd("build-shards", "--tier", tier, "--out", tier, code=3)
        self.tthd("verify", tier)
        found: dict[str, dict[str, Any]] = records(self.place / tier)
        wanted = [name for name, one in plan.items() if one.against(tier) is None]
        self.same(f"clips in {tier}", sorted(found), sorted(self.ids[name] for name in wanted))
        for name in wanted:
            if self.ids[name] in found:
                self.check_sample(f"{tier} {name}", plan[name], found[self.ids[name]])
        consents = [plan[name].consent for name in wanted]
        covered = all(one is not None and "face_geometry" in one.scope for one in consents)
        is_in = {"lmk.npz" in one["members"] for one in found.values()}
        self.same(f"landmarks in {tier}", is_in, {tier == "internal" or covered})
        return found

    def check_sample(self, where: str, one: Expected, sample: Mapping[str, Any]) -> None:
        """Text, corrections, length, and what is missing."""
        self.same(f"{where} text", sample["txt"], one.text)
        self.same(f"{where} text as sent", sample["text_raw"], one.talker.text)
        self.same(f"{where} corrected", sample["corrected"], one.corrected)
        self.same(f"{where} state", sample["review_state"], one.state)
        self.same(f"{where} missing", sample["missing"], one.lacks)
        self.same(f"{where} license", sample["license"], one.talker.submission.license)
        if one.trim_s is not None:
            frames = round((one.trim_s[1] - one.trim_s[0]) * FPS)
            self.same(f"{where} frames", sample["picture"]["frames"], frames)

    def check_why(self, one: Expected, told: str) -> None:
        """Each tier with its reason, and who has voted how."""
        lines = dict(line.split(maxsplit=1) for line in told.splitlines() if " " in line)
        if one.talker.refused:
            self.same(f"why {one.name}", lines.get("refused", "")[:4], one.talker.refused)
            return
        for tier in TIERS:
            self.same(f"why {one.name} {tier}", lines.get(tier), one.against(tier) or "yes")
        said = {"accept": "accepts it", "reject": "rejects it", "request_changes": "wants changes"}
        for reviewer, act in zip(REVIEWERS, one.clip.acts or (SKIP, SKIP), strict=True):
            if act.verdict != "skip":
                for words in (f"{reviewer} {said[act.verdict]}", *act.reasons, act.comment):
                    self.same(f"why {one.name} tells {words}", words in told, True)


if __name__ == "__main__":
    main()
