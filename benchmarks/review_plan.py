"""The plan of ``review_talkers.py`` stands here as tables; what each release must hold comes out.

Nothing here asks tthd: the rules stand here a second time, in words of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

TIERS = ("internal", "gated", "registered", "open")
SHARING = "train_research redistribute_media"
GEOMETRY = f"{SHARING} face_geometry"


class Submission(NamedTuple):
    """What ``tthd manifest new`` is told of a submission."""

    submission_id: str
    handle: str
    kind: str
    rights: str
    license: str
    tier: str


LAB = Submission("sub_20261101_lhasa-lab", "lhasa-lab", "lab", "speaker_consent",
                 "CC-BY-SA-4.0", "open")  # fmt: skip
ARCHIVE = Submission("sub_20261102_news-archive", "news-archive", "archive", "open_licence",
                     "CC-BY-4.0", "registered")  # fmt: skip
FOUND = Submission("sub_20261103_found-clips", "found-clips", "individual", "unknown",
                   "LicenseRef-unknown", "internal")  # fmt: skip
SUBMISSIONS = (LAB, ARCHIVE, FOUND)


class Consent(NamedTuple):
    """What a speaker grants; ``becomes`` is a tier or a status that it changes to ``when``."""

    tier: str
    scope: str
    becomes: str = ""
    when: str = ""


CONSENTS = {
    "a": Consent("open", GEOMETRY, "withdrawn", "after the releases"),
    "b": Consent("gated", GEOMETRY),
    "c": Consent("open", SHARING, "gated", "before the review"),
    "d": Consent("open", "train_research"),
    "e": Consent("open", SHARING, "expired", "before the review"),
    "g": Consent("open", SHARING),
    "h": Consent("open", SHARING),
    "i": Consent("open", SHARING),
    "j": Consent("open", SHARING, "withdrawn", "after the review"),
    "k": Consent("open", GEOMETRY),
    "n": Consent("open", GEOMETRY),
}
MOMENTS = ("at ingest", "before the review", "after the review", "after the releases")


class Talker(NamedTuple):
    """One row of a manifest; ``norm`` is the text's normal form where it is another one."""

    person: str
    submission: Submission
    tier: str
    text: str = ""
    norm: str = ""
    refused: str = ""


TALKERS = {
    "th01": Talker("a", LAB, "open", "བཀྲ་ཤིས༌བདེ་ལེགས|", "བཀྲ་ཤིས་བདེ་ལེགས།"),
    "th02": Talker("b", LAB, "gated", "ང་ཚོས་བོད་ཡིག་སྦྱང་གི་ཡོད།"),
    "th03": Talker("c", LAB, "open", "དེ་རིང་གནམ་གཤིས་ཡག་པོ་འདུག"),
    "th04": Talker("d", LAB, "open", "ཁྱེད་རང་གི་མིང་ལ་ག་རེ་ཟེར།"),
    "th05": Talker("e", LAB, "open", "ང་སློབ་གྲྭ་ལ་འགྲོ་གི་ཡོད།"),
    "th06": Talker("c", LAB, "open", "ཇ་མཆོད་རོགས་གནང་།"),
    "th07": Talker("f", ARCHIVE, "registered", "Guten Abend, hier sind die Nachricten."),
    "th08": Talker("g", LAB, "open", "ཁོང་ཚོ་ཁྲོམ་ལ་ཕེབས་སོང་།"),
    "th09": Talker("h", LAB, "open", "ནམ་མཁའ་སྔོན་པོ་འདུག"),
    "th10": Talker("i", LAB, "open", "ཡི་གེ་འདི་ཀློག་རོགས།"),
    "th11": Talker("j", LAB, "open", "ཁ་ལག་ཞིམ་པོ་འདུག"),
    "th12": Talker("k", LAB, "open"),
    "th13": Talker("l", LAB, "open", "ཆར་པ་འབབ་ཀྱི་འདུག", refused="M023"),
    "th14": Talker("m", FOUND, "internal"),
    "th15": Talker("n", LAB, "open", "ཐུགས་རྗེ་ཆེ།"),
}


class Act(NamedTuple):
    """What a reviewer does with a clip; ``undone`` is a reason to reject that is taken back."""

    verdict: str
    reasons: tuple[str, ...] = ()
    text: str = ""
    trim_s: tuple[float, float] | None = None
    comment: str = ""
    undone: str = ""


ACCEPT, SKIP = Act("accept"), Act("skip")
STUDIED = "ང་ཚོས་བོད་ཡིག་སློབ་སྦྱོང་བྱེད་ཀྱི་ཡོད།"
NEWS = "Guten Abend. Hier sind die Nachrichten."


@dataclass(frozen=True)
class Clip:
    """What is done with a clip; ``policy`` is the rule that drops it."""

    acts: tuple[Act, Act] | None = None
    ruling: Act | None = None
    policy: str = ""


REVIEWERS = ("dolma", "tashi")
ADJUDICATOR = "pema"
CLIPS = {
    "th01_0000": Clip((ACCEPT, Act("accept", undone="lip_sync"))),
    "th02_0000": Clip((ACCEPT, Act("accept", text=STUDIED))),
    "th03_0000": Clip((Act("accept", text="གནམ་ཡག་པོ།"), Act("accept", text="གནམ་ཡག་པོ།"))),
    "th04_0000": Clip((ACCEPT, ACCEPT)),
    "th05_0000": Clip(),
    "th06_0000": Clip((ACCEPT, Act("accept", trim_s=(1.0, 5.04)))),
    "th07_0000": Clip((Act("accept", text=NEWS), ACCEPT)),
    "th08_0000": Clip((ACCEPT, Act("reject", ("third_party",)))),
    "th09_0000": Clip(
        (Act("accept", text="ནམ་མཁའ་སྔོ་པོ།"), Act("accept", text="གནམ་སྔོན་པོ།")),
        ruling=Act("accept", text="གནམ་སྔོན་པོ་འདུག"),
    ),
    "th10_0000": Clip((SKIP, SKIP)),
    "th10_0001": Clip((ACCEPT, Act("reject", ("noise_or_music", "cut_mid_word")))),
    "th11_0000": Clip((ACCEPT, ACCEPT)),
    "th12_0000": Clip((Act("accept", text="གསར་འགྱུར།"), ACCEPT)),
    "th12_0001": Clip((Act("reject", ("blur",)), Act("reject", ("lip_sync",)))),
    "th12_0002": Clip(
        (Act("accept", text="བོད་སྐད།"), Act("accept", text="བོད་ཡིག")), ruling=SKIP
    ),
    "th12_0003": Clip((
        Act("request_changes", ("cut_mid_word",)),
        Act("request_changes", ("transcript_wrong",), comment="ཚིག་མཐའ་མ་ཆད་འདུག"),
    )),
    "th12_0004": Clip((ACCEPT, SKIP)),
    "th13_0000": Clip(),
    "th14_0000": Clip((ACCEPT, ACCEPT)),
    "th15_0000": Clip(policy="too_short"),
}  # fmt: skip
FPS = 25


@dataclass(frozen=True)
class Expected:
    """What must become of a clip at one of the moments."""

    name: str
    moment: str

    @property
    def talker(self) -> Talker:
        """Its row."""
        return TALKERS[self.name.split("_")[0]]

    @property
    def clip(self) -> Clip:
        """What is done with it."""
        return CLIPS[self.name]

    @property
    def consent(self) -> Consent | None:
        """Its speaker's consent as it is then, the status in ``becomes``; None without one."""
        return consent_at(self.talker.person, self.moment)

    @property
    def is_consent_ended(self) -> bool:
        """Whether nobody may have it any more."""
        return self.consent is not None and self.consent.becomes in ("withdrawn", "expired")

    @property
    def votes(self) -> list[Act]:
        """What is no skip."""
        return [one for one in self.clip.acts or () if one.verdict != "skip"]

    @property
    def texts(self) -> list[str]:
        """Texts that reviewers correct it to, each once."""
        ruling = self.clip.ruling
        if ruling is not None and ruling.verdict != "skip":
            return [ruling.text]
        return list(dict.fromkeys(one.text for one in self.votes if one.text))

    @property
    def is_vetoed(self) -> bool:
        """Whether one vote is enough."""
        return any("third_party" in one.reasons for one in self.votes)

    @property
    def state(self) -> str:
        """What the votes come to."""
        verdicts = [one.verdict for one in self.votes]
        if self.is_vetoed:
            return "rejected"
        if len(verdicts) < len(REVIEWERS):
            return "in_review" if verdicts else "unreviewed"
        if len(set(verdicts)) > 1:
            return "in_review"
        if verdicts[0] == "accept" and len(self.texts) > 1:
            return "disputed"
        return {"accept": "accepted", "reject": "rejected"}.get(verdicts[0], "changes_requested")

    @property
    def text(self) -> str:
        """The text of its sample."""
        sent = self.talker.norm or self.talker.text
        return self.texts[0] if len(self.texts) == 1 else sent

    @property
    def trim_s(self) -> tuple[float, float] | None:
        """What stays of it, where somebody cuts it."""
        return next((one.trim_s for one in self.votes if one.trim_s), None)

    @property
    def corrected(self) -> list[str]:
        """The fields that its sample names as corrected."""
        found = ["text"] if len(self.texts) == 1 else []
        return found + (["trim_s"] if self.trim_s else [])

    @property
    def lacks(self) -> list[str]:
        """What an internal sample says that it has not."""
        unknown = self.talker.submission.rights == "unknown"
        found = ["rights", "tier", "consent"] if unknown else []
        if self.consent is not None and SHARING not in self.consent.scope:
            found.append("scope redistribute_media")
        return found + ([] if self.state == "accepted" else ["review"])

    def against(self, tier: str) -> str | None:
        """Why a release of that tier may not hold it, in the words of ``tthd status --why``."""
        return next(self._reasons(tier), None)

    def _reasons(self, tier: str) -> Iterator[str]:
        if self.talker.refused:
            yield self.talker.refused
        if self.clip.policy:
            yield "the policy drops it"
        consent, wanted = self.consent, TIERS.index(tier)
        if consent is not None and self.is_consent_ended:
            yield f"its consent is {consent.becomes}"
        if self.is_vetoed:
            yield "it is vetoed"
        if self.state == "rejected":
            yield "it is rejected by review"
        if tier == "internal":
            return
        if self.state != "accepted":
            yield f"its review state is {self.state}"
        if self.talker.submission.rights == "unknown":
            yield "its rights are unknown"
        if wanted > TIERS.index(self.talker.tier):
            yield f"its own tier is {self.talker.tier}"
        if consent is not None and SHARING not in consent.scope:
            yield "its consent does not cover redistribute_media"
        if consent is not None and wanted > TIERS.index(consent.tier):
            yield f"its consent goes as far as tier {consent.tier}"


def consent_at(person: str, moment: str) -> Consent | None:
    """A speaker's consent at a moment: ``tier`` as it is then, ``becomes`` its status."""
    one = CONSENTS.get(person)
    if one is None:
        return None
    is_changed = one.when and MOMENTS.index(moment) >= MOMENTS.index(one.when)
    if not is_changed:
        return one._replace(becomes="granted")
    if one.becomes in TIERS:
        return one._replace(tier=one.becomes, becomes="granted")
    return one
