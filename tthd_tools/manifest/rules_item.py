"""An item whose fields have their form goes in, what contradicts its rights or itself comes out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from urllib.parse import urlsplit

from tthd_tools.manifest.beside import Beside
from tthd_tools.manifest.findings import Problem, shown
from tthd_tools.manifest.rules_submission import ITEM_TEXTS, judge_free_text
from tthd_tools.manifest.schema import UNKNOWN_SPEAKER, ManifestItem, Submission
from tthd_tools.rights import TIERS

CALM = ("neutral", "calm")


def judge_rights(item: ManifestItem, submission: Submission, beside: Beside) -> Iterator[Problem]:
    """Consent, tier, withdrawal and the people in the picture."""
    for field in ("speaker_id", "consent_id", "sha256"):
        value = getattr(item, field)
        if value in beside.withdrawn:
            message = "This is on the list of withdrawals; the submission is refused"
            yield Problem("M027", field, message, shown(value), "remove the row and the file")
    if TIERS.index(item.access_tier) > TIERS.index(submission.access_tier_max):
        message = f"The tier is wider than the submission's, {submission.access_tier_max}"
        fix = f"write {submission.access_tier_max}"
        yield Problem("M033", "access_tier", message, shown(item.access_tier), fix)
    if item.other_people_visible == "unconsented":
        message = "Somebody is seen who has not agreed to it"
        yield Problem("M029", "other_people_visible", message, "", "blur or cut that person")
    unknown = item.speaker_id == UNKNOWN_SPEAKER
    if unknown and (submission.rights_basis == "speaker_consent" or item.access_tier != "internal"):
        message = "An unknown speaker has not consented, and is for the tier internal alone"
        fix = "find out who speaks, or remove the row"
        yield Problem("M032", "speaker_id", message, shown(item.speaker_id), fix)
        return
    consent = None if beside.consents is None else beside.consents.get(item.consent_id or "")
    if not item.speaker_is_adult and (consent is None or "guardian" not in consent.scope):
        message = "The speaker is no adult, and no guardian's consent is listed"
        yield Problem("M028", "speaker_is_adult", message, "", "get one, or remove the row")
    elif item.consent_id is not None:
        yield from _consent(item, item.consent_id, beside)
    elif submission.rights_basis == "speaker_consent":
        message = "The rights are the speaker's consent, but the row names none"
        yield Problem("M023", "consent_id", message, "", "fill in consent_id")


def _consent(item: ManifestItem, consent_id: str, beside: Beside) -> Iterator[Problem]:
    value = shown(consent_id)
    consent = None if beside.consents is None else beside.consents.get(consent_id)
    if consent is None:
        where = "there is no list of consents" if beside.consents is None else "it is not listed"
        fix = "correct it, or have it published in consents.csv"
        yield Problem("M024", "consent_id", f"The consent is unknown: {where}", value, fix)
    elif consent.speaker_id != item.speaker_id:
        message = f"The consent is that of another speaker than {item.speaker_id}"
        yield Problem("M024", "consent_id", message, value, "correct consent_id or speaker_id")
    elif consent.status != "granted":
        yield Problem(
            "M025", "consent_id", f"The consent is {consent.status}", value, "remove the row"
        )
    elif TIERS.index(item.access_tier) > TIERS.index(consent.tier):
        message = f"The tier is wider than the consent allows, {consent.tier}"
        tier = shown(item.access_tier)
        yield Problem("M026", "access_tier", message, tier, f"write {consent.tier}")


def judge_source(
    item: ManifestItem, submission: Submission, hosts: Collection[str]
) -> Iterator[Problem]:
    """Where the video is: a file that is named with its hash, or a page on a known host."""
    if submission.source_kind == "files":
        for field in ("path", "sha256"):
            if getattr(item, field) is None:
                message = "The field is missing, and source_kind is files"
                yield Problem("M004", field, message, "", f"fill in {field}")
    elif item.source_url is None:
        message = "The field is missing, and source_kind is url_crop"
        yield Problem("M004", "source_url", message, "", "fill in source_url")
    if item.source_url is not None and not _is_allowed(item.source_url, hosts):
        message = "The address is not https:// and a host of the project's list"
        fix = "give the page where the video is published"
        yield Problem("M034", "source_url", message, shown(item.source_url), fix)


def _is_allowed(url: str, hosts: Collection[str]) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        plain = parts.port is None and parts.username is None and parts.password is None
    except ValueError:
        return False
    known = any(host == one or host.endswith(f".{one}") for one in hosts)
    return url.isascii() and " " not in url and parts.scheme == "https" and plain and known


def judge_words(item: ManifestItem) -> Iterator[Problem]:
    """Language and dialect, transcript, free texts."""
    yield from _language(item)
    if item.text_status in ("human", "human_verified") and not item.text_raw:
        message = f"text_status is {item.text_status}, and there is no text"
        yield Problem("M004", "text_raw", message, "", "fill in text_raw, or write none")
    if item.text_status in ("asr_unverified", "prompt") and not item.text_source:
        what = "model" if item.text_status == "asr_unverified" else "prompt"
        message = f"text_status is {item.text_status}, and the {what} is not named"
        yield Problem("M004", "text_source", message, "", f"fill in the {what}'s name")
    for field in ITEM_TEXTS:
        yield from judge_free_text(field, getattr(item, field))
    if item.text_raw:
        from tthd_tools.text import check_text

        for one in check_text(item.text_raw, item.language, item.duration_s):
            message = f"{one.message[:1].upper()}{one.message[1:]} (character {one.position + 1})"
            yield Problem(
                one.code, "text_raw", message, shown(one.got), one.fix, fixable=one.fixable
            )


def _language(item: ManifestItem) -> Iterator[Problem]:
    from tthd_tools.text import dialect_problem, is_language_tag, is_tibetan, suggest_tag

    value = shown(item.language)
    better = suggest_tag(item.language)
    if better is not None:
        yield Problem("M041", "language", "This is not the tag", value, f"write {better}")
        return
    if not is_language_tag(item.language):
        fix = "write a tag such as bo, adx-x-xiahe or de"
        yield Problem("M005", "language", "This is no BCP-47 language tag", value, fix)
        return
    if item.dialect is None:
        if is_tibetan(item.language):
            message = "Tibetan needs its dialect"
            fix = "write u-tsang, amdo, kham, other or unknown"
            yield Problem("M004", "dialect", message, "", fix)
        return
    contradiction = dialect_problem(item.language, item.dialect)
    if contradiction is not None:
        message, _, fix = contradiction.partition("; ")
        message = f"{message[:1].upper()}{message[1:]}"
        yield Problem("M040", "dialect", message, shown(item.dialect), fix)


def judge_labels(item: ManifestItem) -> Iterator[Problem]:
    """Emotion, its intensity, and pieces in time."""
    if item.emotion is not None and item.emotion_origin is None:
        message = "An emotion needs its origin"
        fix = "write intended, perceived or self_reported"
        yield Problem("M050", "emotion_origin", message, "", fix)
    yield from _intensity("emotion_intensity", item.emotion, item.emotion_intensity)
    last_end_s = 0.0
    for index, piece in enumerate(item.emotion_segments):
        field = f"emotion_segments.{index}"
        yield from _intensity(f"{field}.intensity", piece.label, piece.intensity)
        if piece.end_s <= piece.start_s:
            message = "The piece ends before it begins"
            yield Problem("M052", field, message, f"{piece.start_s} to {piece.end_s}", "correct it")
        elif piece.start_s < last_end_s:
            message = "The piece begins before the one before it ends"
            value = f"{piece.start_s} < {last_end_s}"
            yield Problem("M052", field, message, value, "sort the pieces and part them")
        last_end_s = max(last_end_s, piece.end_s)
    for index, span in enumerate(item.segments):
        field, box = f"segments.{index}", span.bbox_norm
        if span.end_pts <= span.start_pts:
            message = "The piece ends before it begins"
            value = f"{span.start_pts} to {span.end_pts}"
            yield Problem("M052", field, message, value, "correct it")
        if box is not None and (box[0] >= box[2] or box[1] >= box[3]):
            message = "The box has no area"
            fix = "write left, top, right, bottom"
            yield Problem("M052", f"{field}.bbox_norm", message, shown(list(box)), fix)


def _intensity(field: str, emotion: str | None, intensity: int | None) -> Iterator[Problem]:
    if intensity is None:
        return
    message = fix = ""
    if emotion is None:
        message, fix = "There is an intensity and no emotion", "write the emotion, or remove this"
    elif intensity == 0 and emotion not in CALM:
        message, fix = f"Intensity 0 does not go with {emotion}", "write 1, 2 or 3"
    elif intensity > 0 and emotion == "neutral":
        message, fix = "Neutral has no intensity but 0", "write 0, or another emotion"
    if message:
        yield Problem("M051", field, message, str(intensity), fix)


def seconds_of(ticks: int, timebase: str) -> float:
    """Seconds of so many ticks: ``50`` of ``1/25`` are 2.0."""
    return float(ticks * Fraction(timebase))
