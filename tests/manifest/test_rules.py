"""For every rule a submission that breaks exactly it, by one change of one that breaks none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.manifest import sample
from tthd_tools.manifest import Finding, ManifestItem, Problem, Submission, check
from tthd_tools.manifest.codes import MEDIA, RULES
from tthd_tools.manifest.report import Report

TEXT = "ང་ཚོས་བོད་ཡིག་སློབ་སྦྱོང་བྱེད་ཀྱི་ཡོད།"


class Case(NamedTuple):
    """The one finding that a change makes: what of it people read."""

    code: str
    change: Any
    place: str
    value: str
    fix: str


def items(code: str, field: str, value: str, fix: str, **change: Any) -> Case:
    return Case(code, change, f"items.jsonl:1 {field}", value, fix)


ITEMS = [
    items("M003", "dialekt", "'dialekt'", "write dialect", dialekt="x"),
    items("M004", "synthetic", "", "fill in synthetic", synthetic=None),
    items("M004", "dialect", "", "write u-tsang, amdo, kham, other or unknown", dialect=None),
    items("M004", "text_raw", "", "fill in text_raw, or write none", text_raw=None),
    items("M004", "sha256", "", "fill in sha256", sha256=None),
    items("M004", "text_source", "", "fill in the model's name", text_status="asr_unverified"),
    items("M005", "emotion", "'hapy'", "write happy", emotion="hapy"),
    items("M005", "dialect", "'Amdo'", "write amdo", dialect="Amdo"),
    items("M005", "speaker_is_adult", "'yes'", "write true or false", speaker_is_adult="yes"),
    items(
        "M005",
        "recorded_on",
        "'2026-01-15'",
        "write a month as YYYY-MM without a day",
        recorded_on="2026-01-15",
    ),
    items(
        "M005",
        "language",
        "'qq-12345678901'",
        "write a BCP-47 language tag, such as bo, adx-x-xiahe or de",
        language="qq-12345678901",
    ),
    items("M006", "item_id", "'Lab.0001'", "write lab-0001", item_id="Lab.0001"),
    items(
        "M008",
        "path",
        "'../a.mp4'",
        "write a path below the submission's folder, such as media/a.mp4",
        path="../a.mp4",
    ),
    items("M023", "consent_id", "", "fill in consent_id", consent_id=None),
    items(
        "M024",
        "consent_id",
        "'con_aaaaaaaaaaaa'",
        "correct it, or have it published in consents.csv",
        consent_id="con_aaaaaaaaaaaa",
    ),
    items(
        "M024",
        "consent_id",
        "'con_k3xa7bq2mnop'",
        "correct consent_id or speaker_id",
        speaker_id="spk_aaaaaaaaaaaa",
    ),
    items("M028", "speaker_is_adult", "", "get one, or remove the row", speaker_is_adult=False),
    items(
        "M029",
        "other_people_visible",
        "",
        "blur or cut that person",
        other_people_visible="unconsented",
    ),
    items("M031", "notes", "'te…'", "remove it", notes="write to tenzin@example.org"),
    items(
        "M032",
        "speaker_id",
        "'spk_unknown'",
        "find out who speaks, or remove the row",
        speaker_id="spk_unknown",
    ),
    items("M033", "access_tier", "'registered'", "write gated", access_tier="registered"),
    items(
        "M034",
        "source_url",
        "'http://archive.org/a'",
        "give the page where the video is published",
        source_url="http://archive.org/a",
    ),
    items(
        "M040",
        "dialect",
        "'amdo'",
        "write language adx, or dialect ",
        dialect="amdo",
    ),
    items("M041", "language", "'tib'", "write bo", language="tib"),
    items(
        "M042",
        "text_raw",
        "'2026'",
        "write the text in Tibetan script, or name the language it is in",
        text_raw="2026",
    ),
    items("M043", "text_raw", "'U+200B ZERO WIDTH SPACE'", "remove it", text_raw=f"{TEXT}\u200b"),
    items("M044", "text_raw", "'U+0F77", "write U+0FB2 U+0F71 U+0F80", text_raw="ཀ\u0f77་"),
    items(
        "M045",
        "text_raw",
        "'U+0F72 TIBETAN VOWEL SIGN I'",
        "type the letter before it, or drop it",
        text_raw=f"{TEXT} \u0f72",
    ),
    items("M046", "text_raw", "'ཀཁགངཅཆཇཉ'", "put a tsheg (་) in it", text_raw="ཀཁགངཅཆཇཉ་ཀ་"),
    items(
        "M047",
        "text_raw",
        "'18.0'",
        "check that they belong together, and keep only what is spoken",
        duration_s=0.5,
    ),
    items(
        "M048",
        "text_raw",
        "'bkra shis bde legs'",
        "run `tthd text from-wylie` on it",
        text_raw=f"{TEXT} bkra shis bde legs",
    ),
    items(
        "M050",
        "emotion_origin",
        "",
        "write intended, perceived or self_reported",
        emotion_origin=None,
    ),
    items("M051", "emotion_intensity", "2", "write 0, or another emotion", emotion="neutral"),
    items("M051", "emotion_intensity", "0", "write 1, 2 or 3", emotion_intensity=0),
    items(
        "M052",
        "emotion_segments.1",
        "1.0 < 2.0",
        "sort the pieces and part them",
        emotion_segments=[
            {"label": "calm", "start_s": 0, "end_s": 2},
            {"label": "sad", "start_s": 1, "end_s": 3},
        ],
    ),
    items(
        "M052",
        "segments.0",
        "50 to 50",
        "correct it",
        segments=[{"start_pts": 50, "end_pts": 50, "timebase": "1/25"}],
    ),
    items("M061", "text_norm", "", "remove it", text_norm="x"),
    items("M067", "notes", "'a\\u202eb'", "type it again without", notes="a\u202eb"),
]

SUBMISSIONS = [
    Case("M003", ("notes:", "note:"), "submission.yaml:18 note", "'note'", "write notes"),
    Case(
        "M003", ("handle:", "hanlde: x\n  handle:"), "submission.yaml:4 contributor.hanlde",
        "'hanlde'", "write handle",
    ),
    Case("M004", ("  kind: lab\n", ""), "submission.yaml:3 contributor.kind", "", "fill in"),
    Case(
        "M005", ("kind: lab", "kind: labb"), "submission.yaml:5 contributor.kind", "'labb'",
        "write lab",
    ),
    Case(
        "M005", ("sub_20260401_lab-a", "sub_20260401_lab-b"), "submission.yaml:2 submission_id",
        "'sub_20260401_lab-b'", "give the folder the name of submission_id",
    ),
    Case(
        "M008", ("items:", "license_file: /etc/passwd\nitems:"), "submission.yaml:14 license_file",
        "'/etc/passwd'", "write a path below the submission's folder, such as media/a.mp4",
    ),
    Case(
        "M020", ("CC-BY-4.0", "cc by 4.0"), "submission.yaml:7 license", "'cc by 4.0'",
        "write CC-BY-4.0",
    ),
    Case(
        "M021", ("CC-BY-4.0", "LicenseRef-Ours"), "submission.yaml:1 license_file", "",
        "put it beside submission.yaml and name it in license_file",
    ),
    Case(
        "M021", ("CC-BY-4.0", "LicenseRef-Ours\nlicense_file: L.txt"),
        "submission.yaml:8 license_file", "'L.txt'", "put the licence's text there as 'L.txt'",
    ),
    Case(
        "M022", ("CC-BY-4.0", "CC-BY-ND-4.0"), "submission.yaml:12 access_tier_max", "'gated'",
        "write internal",
    ),
    Case(
        "M031", ("at home", "at +86 139 1234 5678"), "submission.yaml:18 notes", "'+8…'",
        "remove it",
    ),
    Case("M063", ("  kind: lab", "   kind: lab"), "submission.yaml:5", "", "correct that line"),
    Case("M065", ("notes:", "license: MIT\nnotes:"), "submission.yaml:18 license", "'license'",
         "keep one of the two"),
    Case("M066", ("kind: lab", "kind: !!str lab"), "submission.yaml:5", "", "write the values out"),
    Case("M067", ("at home", "at \x07 home"), "submission.yaml:18", "'\\x07'", "remove it"),
]  # fmt: skip


def not_utf8(manifests: Path) -> None:
    items = sample.write(manifests) / "items.jsonl"
    items.write_bytes(items.read_text("utf-8").encode("utf-16"))


def windows(manifests: Path) -> None:
    items = sample.write(manifests) / "items.jsonl"
    items.write_bytes(b"\xef\xbb\xbf" + items.read_bytes().replace(b"\n", b"\r\n"))


def id_of_another(manifests: Path) -> None:
    other = sample.SUBMISSION.replace("lab-a", "lab-b")
    sample.write(manifests, submission=other, name="sub_20260401_lab-b")
    sample.write(manifests, [sample.row(sha256="0" * 64)])


def same_bytes(manifests: Path) -> None:
    sample.write(manifests, [sample.row(1), sample.row(2, sha256=sample.row(1)["sha256"])])


def withdrawn_consent(manifests: Path) -> None:
    sample.write(manifests, consents=sample.CONSENTS.replace("granted", "withdrawn"))


def narrow_consent(manifests: Path) -> None:
    sample.write(manifests, consents=sample.CONSENTS.replace("registered", "internal"))


def withdrawn_speaker(manifests: Path) -> None:
    sample.write(manifests)
    (manifests / "WITHDRAWALS.jsonl").write_text(f'{{"speaker_id": "{sample.SPEAKER}"}}\n')


def unknown_rights(manifests: Path) -> None:
    text = sample.SUBMISSION.replace("speaker_consent", "unknown")
    sample.write(manifests, submission=text)


def path_twice(manifests: Path) -> None:
    sample.write(manifests, [sample.row(1), sample.row(2, path=sample.row(1)["path"])])


def formula(manifests: Path) -> None:
    folder = sample.write(manifests)
    sample.as_csv(folder, [sample.row(notes="=1+1")])


def absent_items(manifests: Path) -> None:
    (sample.write(manifests) / "items.jsonl").unlink()


def deep(manifests: Path) -> None:
    sample.write(manifests, [sample.row(x_tree=[[[[[[[[[0]]]]]]]]])])


FILES = [
    Case("M001", not_utf8, "items.jsonl:1", "", 'save the sheet as "CSV UTF-8"'),
    Case("M002", windows, "items.jsonl:1", "", "run `tthd manifest fix`"),
    Case("M007", id_of_another, "items.jsonl:1 item_id", "'lab-a_0001'", "give it a new id"),
    Case("M025", withdrawn_consent, "items.jsonl:1 consent_id", "'con_k3xa", "remove the row"),
    Case("M026", narrow_consent, "items.jsonl:1 access_tier", "'gated'", "write internal"),
    Case("M027", withdrawn_speaker, "items.jsonl:1 speaker_id", "'spk_rl", "remove the row and"),
    Case("M032", unknown_rights, "submission.yaml:12 access_tier_max", "'gated'", "write internal"),
    Case("M035", path_twice, "items.jsonl:2 path", "'media/lab-a_0001.mp4'", "keep one of"),
    Case("M036", same_bytes, "items.jsonl:2 sha256", "'", "keep one of the two rows"),
    Case("M060", formula, "items.csv:2 notes", "'=1+1'", "remove the '=', or put an apostrophe"),
    Case("M062", absent_items, "items.jsonl", "", "put items.jsonl there as a plain file"),
    Case("M064", deep, "items.jsonl:1", "", "write them flat"),
]  # fmt: skip


def named(case: Case) -> str:
    return f"{case.code} {case.place}"


def the_one(report: Report) -> Finding:
    assert [str(one) for one in report.findings][1:] == []
    return report.findings[0]


def judge(finding: Finding, case: Case, folder: Path) -> None:
    assert finding.code == case.code
    assert finding.severity == RULES[case.code].severity
    assert finding.place == f"{folder}/{case.place}"
    assert finding.value.startswith(case.value)
    assert bool(finding.value) == bool(case.value)
    assert finding.fix.startswith(case.fix)
    assert str(finding).endswith(f" Fix: {finding.fix}. [{case.code}]")


def test_the_sample_breaks_no_rule(tmp_path: Path) -> None:
    report = check([sample.write(tmp_path)])
    assert [str(one) for one in report.findings] == []
    assert (report.submissions, report.items, report.exit_code(strict=True)) == (1, 1, 0)


def test_the_same_as_a_table_breaks_no_rule(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    sample.as_csv(folder, [sample.row(1), sample.row(2)])
    report = check([folder])
    assert ([str(one) for one in report.findings], report.items) == ([], 2)


@pytest.mark.parametrize("case", ITEMS, ids=named)
def test_one_change_of_a_row_breaks_one_rule(case: Case, tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(**case.change)])
    judge(the_one(check([folder])), case, folder)


@pytest.mark.parametrize("case", SUBMISSIONS, ids=named)
def test_one_change_of_a_submission_breaks_one_rule(case: Case, tmp_path: Path) -> None:
    old, new = case.change
    folder = sample.write(tmp_path, submission=sample.SUBMISSION.replace(old, new, 1))
    judge(the_one(check([folder])), case, folder)


@pytest.mark.parametrize("case", FILES, ids=named)
def test_one_change_of_files_breaks_one_rule(case: Case, tmp_path: Path) -> None:
    change: Callable[[Path], None] = case.change
    change(tmp_path)
    folder = tmp_path / sample.NAME
    judge(the_one(check([folder])), case, folder)


@pytest.mark.parametrize("code", MEDIA)
def test_what_looks_at_files_is_asked_for_each_sound_row(code: str, tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(1), sample.row(2, emotion="no")])
    seen: list[tuple[str, str]] = []

    def media(submission: Submission, item: ManifestItem) -> list[Problem]:
        seen.append((submission.submission_id, item.item_id))
        return [Problem(code, "path", "It is wrong", "", "mend it")]

    report = check([folder], media=media)
    assert seen == [(sample.NAME, "lab-a_0001")]
    assert sorted(report.codes) == sorted([code, "M005"])
    assert (
        str(report.findings[0])
        == f"{folder}/items.jsonl:1 path: It is wrong. Fix: mend it. [{code}]"
    )


def test_every_rule_has_its_fixture() -> None:
    tried = {case.code for case in (*ITEMS, *SUBMISSIONS, *FILES)}
    assert tried | set(MEDIA) == set(RULES)
    specified = {*range(1, 16), *range(20, 32), *range(40, 49), 50, 51, 60, 61}
    assert {f"M{number:03d}" for number in specified} <= set(RULES)


def test_every_rule_says_what_it_means_and_what_to_do() -> None:
    titles = [rule.title for rule in RULES.values()]
    assert len(set(titles)) == len(titles)
    for rule in RULES.values():
        assert rule.title.replace("_", "").isalnum()
        assert rule.meaning.endswith(".")
        assert rule.action.endswith(".")


def test_rights_are_errors_in_every_project() -> None:
    rights = {f"M{number:03d}" for number in range(23, 31)}
    assert all(RULES[code].severity == "error" and RULES[code].fixed for code in rights)


def test_a_guardian_may_consent(tmp_path: Path) -> None:
    consents = sample.CONSENTS.replace("redistribute_media", "guardian")
    folder = sample.write(tmp_path, [sample.row(speaker_is_adult=False)], consents=consents)
    assert check([folder]).codes == {}


def test_without_a_list_no_consent_is_known(tmp_path: Path) -> None:
    folder = sample.write(tmp_path, consents=None)
    finding = the_one(check([folder]))
    assert finding.code == "M024"
    assert finding.message == "The consent is unknown: there is no list of consents"


def test_a_path_is_judged_also_where_its_submission_cannot_be_read(tmp_path: Path) -> None:
    wrong = sample.SUBMISSION.replace(f"submission_id: {sample.NAME}", "submission_id: none")
    assert wrong != sample.SUBMISSION
    folder = sample.write(tmp_path, [sample.row(path="../b.mp4")], submission=wrong)
    found = {one.code for one in check([folder]).findings}
    assert found >= {"M005", "M008"}


def test_a_row_without_a_speaker_is_told_what_makes_an_id(tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(speaker_id=None)])
    (one,) = check([folder]).findings
    assert (one.code, one.fix) == ("M004", "fill in what `tthd manifest speaker-id` prints")


def test_ids_are_never_used_again(tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(1), sample.row(2), sample.row(2, path="b.mp4")])
    (tmp_path / "used_ids.txt").write_text("# gone\nlab-a_0001 release 1.2.0\n")
    messages = [one.message for one in check([folder]).findings]
    assert messages == [
        "The item_id is already used: used_ids.txt (release 1.2.0)",
        f"The item_id is already used: {sample.NAME}/items.jsonl:2",
    ]


def test_what_was_withdrawn_is_not_to_come_back_under_a_new_id(tmp_path: Path) -> None:
    rows = [sample.row(1), sample.row(1, path="b.mp4"), sample.row(2)]
    folder = sample.write(tmp_path, rows)
    (tmp_path / "WITHDRAWALS.jsonl").write_text('{"item_id": "lab-a_0001", "removed_in": "2.0.0"}')
    told = "The item was withdrawn: WITHDRAWALS.jsonl. Got 'lab-a_0001'. Fix: take the row out."
    found = [(one.code, one.line, one.sentence) for one in check([folder]).findings]
    assert found == [("M007", 1, told), ("M007", 2, told)]


def test_a_withdrawn_file_is_refused_whoever_sends_it(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    sha256 = hashlib.sha256(b"lab-a_0001").hexdigest()
    (tmp_path / "WITHDRAWALS.jsonl").write_text(f'{{"sha256": "{sha256}"}}\n')
    report = check([folder])
    assert (the_one(report).field, report.exit_code()) == ("sha256", 5)


@pytest.mark.parametrize("name", ["items.jsonl", "items.csv"])
def test_a_submission_without_rows_is_told(name: str, tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [])
    if name == "items.csv":
        sample.as_csv(folder, [sample.row()]).write_text(",".join(sample.row()) + "\n")
    finding = the_one(check([folder]))
    assert str(finding) == (
        f"{folder}/{name}: The file has no rows. Fix: write a row for each video. [M004]"
    )


def test_rows_without_any_value_are_told_as_such(tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [])
    table = sample.as_csv(folder, [sample.row()])
    table.write_text(",".join(sample.row()) + "\n" + ",,,\n" * 3)
    finding = the_one(check([folder]))
    assert finding.message == "The file has rows without any value alone"


def test_several_faults_of_a_row_are_all_told(tmp_path: Path) -> None:
    row = sample.row(consent_id=None, emotion_origin=None, notes="a@b.org", language="tib")
    assert sorted(check([sample.write(tmp_path, [row])]).codes) == ["M023", "M031", "M041", "M050"]


MAIL = "mail me a@b.org"


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"item_id": "A.b", "notes": MAIL}, ["M006", "M031"]),
        ({"notes": MAIL, "language": None}, ["M004", "M031"]),
        ({"notes": MAIL + " x" * 300}, ["M005", "M031"]),
        ({"notes": MAIL + "\u202e"}, ["M031", "M067"]),
        ({"notes": 139, "device": "call +86 139 1234 5678", "emotion": "hapy"},
         ["M005", "M005", "M031"]),
        ({"emotion": "hapy", "notes": "x" * 2000 + MAIL}, ["M005", "M005"]),
    ],
)  # fmt: skip
def test_personal_data_are_found_in_a_row_without_its_form(
    tmp_path: Path, change: dict[str, object], codes: list[str]
) -> None:
    found = check([sample.write(tmp_path, [sample.row(**change)])]).findings
    assert sorted(one.code for one in found) == codes
    assert "b.org" not in "".join(map(str, found))


def test_personal_data_are_found_in_a_cell_that_is_a_formula(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    sample.as_csv(folder, [sample.row(notes="+86 139 1234 5678", device="=1+1")])
    found = [(one.code, one.field, one.value) for one in check([folder]).findings]
    assert sorted(found) == [
        ("M031", "notes", "'+8…'"),
        ("M060", "device", "'=1+1'"),
        ("M060", "notes", ""),
    ]


def test_personal_data_are_found_in_a_submission_without_its_form(tmp_path: Path) -> None:
    text = sample.SUBMISSION.replace("kind: lab", "kind: labb").replace("at home", "by a@b.org")
    text = text.replace("handle: lab-a", "handle: a@b.org (Tenzin)")
    found = check([sample.write(tmp_path, submission=text)]).findings
    assert sorted((one.code, one.line, one.field) for one in found) == [
        ("M005", 4, "contributor.handle"),
        ("M005", 5, "contributor.kind"),
        ("M031", 4, "contributor.handle"),
        ("M031", 18, "notes"),
    ]
    assert "b.org" not in "".join(map(str, found))


def test_of_many_alike_the_first_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(n, emotion="hapy") for n in range(1200)])
    report = check([folder])
    assert (len(report.findings), report.codes["M005"], report.left_out) == (1000, 1200, 200)


def test_a_file_of_nothing_but_faults_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tthd_tools.manifest.desk.MOST_FINDINGS", 10)
    folder = sample.write(tmp_path, [sample.row(n, emotion="hapy") for n in range(100)])
    report = check([folder])
    assert report.codes == {"M005": 11, "M064": 1}
    assert report.items == 11
