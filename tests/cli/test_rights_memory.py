"""Who has withdrawn stays out: rights are those of bytes, and a workspace forgets none of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_rights_chain import accept, build
from tests.cli_run import Done, Tthd
from tests.submitted import CONSENTS, HEAD, SUBMISSION, records
from tthd_tools.workspace import Workspace

ITEMS = Path("manifests", SUBMISSION, "items.jsonl")
LISTED = Path("manifests", "WITHDRAWALS.jsonl")
B1 = Path("raw", SUBMISSION, "b1.mp4")
OTHER = "sub_20250101_evil"
Change = Callable[[dict[str, Any]], None]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def edit(change: Change, name: str = "lab-a_b1") -> None:
    """Write one row anew."""
    rows = [json.loads(line) for line in ITEMS.read_text("utf-8").splitlines()]
    for row in rows:
        if row["item_id"] == name:
            change(row)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows if row]
    ITEMS.write_text("".join(lines), "utf-8")


def renamed(row: dict[str, Any]) -> None:
    row["item_id"] = "lab-a_new"


def of_another(row: dict[str, Any]) -> None:
    row.update(speaker_id="spk_aaaaaaaaaaaa", consent_id="con_aaaaaaaaaaaa", access_tier="gated")


def withdraw(**names: str) -> None:
    LISTED.write_text(json.dumps(names) + "\n")


def consents(old: str, new: str, folder: str = "manifests") -> None:
    Path(folder).mkdir(exist_ok=True)
    text = CONSENTS.replace(old, new)
    assert text != CONSENTS
    Path(folder, "consents.csv").write_text(text)


def submit(name: str, path: str, video: Path, basis: str = "open_licence") -> None:
    """A submission of somebody else for those bytes, without a consent."""
    (row,) = [json.loads(line) for line in ITEMS.read_text("utf-8").splitlines()[:1]]
    row |= {"item_id": "e-talk", "path": path, "sha256": sha256(video), "access_tier": "open"}
    row |= {"consent_id": None, "speaker_id": "spk_cccccccccccc"}
    folder = Path("manifests", name)
    folder.mkdir()
    text = HEAD.replace(SUBMISSION, name).replace("speaker_consent", basis)
    (folder / "submission.yaml").write_text(text)
    (folder / "items.jsonl").write_text(json.dumps(row) + "\n")


def hashes(work: str = "work") -> set[str]:
    """The bytes that are registered."""
    return {item.sha256 for item, _ in Workspace(Path(work)).items()}


def released(place: Path, tier: str = "internal") -> set[str]:
    """The bytes of a release; none where there is none."""
    return {one["source"]["sha256"] for one in records(place / tier).values()}


def rebuilt(place: Path, tthd: Tthd, tier: str = "internal", *more: object) -> set[str]:
    shutil.rmtree(place / tier, ignore_errors=True)
    build(tthd, tier, *more)
    return released(place, tier)


@pytest.mark.parametrize(
    ("named", "change"),
    [
        ({"item_id": "lab-a_b1"}, renamed),
        ({"speaker_id": "spk_bbbbbbbbbbbb"}, of_another),
        ({"consent_id": "con_bbbbbbbbbbbb"}, of_another),
    ],
)
def test_bytes_stay_out_whatever_their_row_says_now(
    named: dict[str, str], change: Change, place: Path, tthd: Tthd
) -> None:
    withdraw(**named)
    edit(change)
    done = tthd("ingest", "raw")
    ((kind, name),) = named.items()
    assert done.code == 3
    assert f"M027 '{SUBMISSION}/b1.mp4' is kept out: these bytes are withdrawn" in done.err
    assert f"({kind} {name}, manifests/WITHDRAWALS.jsonl:1); remove the file" in done.err
    assert "measured anew" not in done.err
    assert sha256(B1) not in hashes()
    assert sha256(B1) not in rebuilt(place, tthd)


@pytest.mark.parametrize(
    "command",
    [
        ("ingest", "raw"),
        ("status", "--why", "lab-a_a1_0000"),
        ("review", "export"),
        ("review", "merge", "decisions.none.jsonl"),
    ],
)
def test_whatever_reads_a_list_remembers_it(
    command: tuple[str, ...], place: Path, tthd: Tthd
) -> None:
    Path("decisions.none.jsonl").touch()
    withdraw(speaker_id="spk_bbbbbbbbbbbb")
    tthd(*command)
    LISTED.unlink()
    edit(of_another)
    tthd("ingest", "raw")
    assert sha256(B1) not in hashes()


def test_the_stricter_row_of_two_counts(place: Path, tthd: Tthd) -> None:
    consents("open,v1,granted", "open,v1,withdrawn")
    (place / "raw" / "0").mkdir()
    copy = Path(shutil.copy(B1, place / "raw" / "0" / "t.mp4"))
    submit(OTHER, "0/t.mp4", copy)
    done = tthd("ingest", "raw")
    assert done.code == 3
    assert f"M025 manifests/{SUBMISSION}/items.jsonl:3 consent_id: The consent is wi" in done.err
    assert sha256(copy) not in hashes()


def test_a_withdrawn_consent_counts_when_the_row_that_named_it_is_gone(
    place: Path, tthd: Tthd
) -> None:
    consents("open,v1,granted", "open,v1,withdrawn")
    submit(OTHER, f"{SUBMISSION}/b1.mp4", B1)
    edit(dict.clear)
    done = tthd("ingest", "raw")
    assert "these bytes are withdrawn (con_bbbbbbbbbbbb); remove the file" in done.err
    assert sha256(B1) not in hashes()


def test_two_submissions_that_describe_the_same_bytes_are_both_refused(
    place: Path, tthd: Tthd
) -> None:
    copy = Path(shutil.copy(B1, place / "raw" / "t.mp4"))
    submit(OTHER, "t.mp4", copy)
    done = tthd("ingest", "raw")
    assert done.code == 3
    assert f"The same bytes are described already: {OTHER}/items.jsonl:1" in done.err
    assert sha256(copy) not in hashes()
    edit(lambda row: row.update(sha256="0" * 64))  # a row that hides what it describes
    done = tthd("ingest", "raw")
    assert (done.code, sha256(copy) in hashes()) == (3, False)


@pytest.mark.parametrize("path", ["media\\b1.mp4", "B1.mp4"])
@pytest.mark.parametrize("how", ["consent", "item_id"])
def test_a_row_with_a_wrong_path_keeps_its_bytes_out(
    how: str, path: str, place: Path, tthd: Tthd
) -> None:
    if how == "consent":
        consents("open,v1,granted", "open,v1,withdrawn")
    else:
        withdraw(item_id="lab-a_b1")
    edit(lambda row: row.update(path=path))
    done = tthd("ingest", "raw", "--work", "w2")
    assert done.code == 3
    assert f"'{SUBMISSION}/b1.mp4' is kept out" in done.err
    assert f"manifests/{SUBMISSION}/items.jsonl:3" in done.err
    assert sha256(B1) not in hashes("w2")
    assert len(hashes("w2")) == 3


def test_an_error_that_keeps_no_file_out_is_told_all_the_same(place: Path, tthd: Tthd) -> None:
    edit(lambda row: row.update(emotion="hapy"))
    B1.unlink()
    done = tthd("ingest", "raw", "--work", "w2")
    assert done.code == 3
    assert f"M005 manifests/{SUBMISSION}/items.jsonl:3 emotion: " in done.err


def test_a_withdrawn_piece_stays_out_however_its_file_is_cut(place: Path, tthd: Tthd) -> None:
    withdraw(key="lab-a_b1_0000")
    rebuilt(place, tthd)
    piece = {"start_pts": 2, "end_pts": 79, "timebase": "1/25"}
    edit(lambda row: row.update(segments=[piece], item_id="lab-a_new"))
    LISTED.unlink()
    assert tthd("ingest", "raw").code == 0
    assert sha256(B1) in hashes()
    assert build(tthd, "internal").json["left_out"] == {"its consent is withdrawn": 1}
    assert sha256(B1) not in released(place)


def test_no_minor_without_a_guardian(place: Path, tthd: Tthd) -> None:
    guardians = CONSENTS.splitlines()[2].replace("con_bbb", "con_ggg")
    guardians = guardians.replace("_media,", "_media guardian,")
    (place / "manifests" / "consents.csv").write_text(f"{CONSENTS}{guardians}\n")
    edit(lambda row: row.update(speaker_is_adult=False, consent_id="con_gggbbbbbbbbb"))
    assert tthd("ingest", "raw").code == 0
    accept(place, "lab-a_b1_0000")
    assert sha256(B1) in rebuilt(place, tthd, "gated")
    guardians = guardians.replace(" guardian", "")
    (place / "manifests" / "consents.csv").write_text(f"{CONSENTS}{guardians}\n")
    done = build(tthd, "gated")
    assert done.code == 5
    assert (
        "its speaker is no adult, and no guardian has consented"
        in tthd("status", "--why", "lab-a_b1_0000").out
    )
    rebuilt(place, tthd)
    assert records(place / "internal")["lab-a_b1_0000"]["missing"] == ["guardian"]


def test_a_consent_never_grants_more_than_its_strictest_list(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_a1_0000", "lab-a_b1_0000")
    Path("new").mkdir()
    narrow = CONSENTS.replace(" redistribute_media,open", ",open").replace("gated", "internal")
    Path("new", "consents.csv").write_text(narrow)
    done = build(tthd, "gated", "--manifests", "new")
    assert done.code == 5
    assert not (place / "gated").exists()
    done = build(tthd, "gated")  # the wide list alone, as before
    assert done.code == 5


def test_what_has_expired_does_not_come_back_with_an_older_list(place: Path, tthd: Tthd) -> None:
    consents("open,v1,granted", "open,v1,expired")
    assert sha256(B1) not in rebuilt(place, tthd)
    (place / "manifests" / "consents.csv").write_text(CONSENTS)
    assert sha256(B1) not in rebuilt(place, tthd)
    edit(of_another)
    tthd("ingest", "raw")
    assert sha256(B1) not in rebuilt(place, tthd)


OLD = "con_cccccccccccc,spk_bbbbbbbbbbbb,emotion_labelling,internal,v1,granted\n"


@pytest.mark.parametrize(
    ("now", "more", "tier"),
    [("open,v1,expired", OLD, None), ("internal,v1,granted", "", "internal")],
)
def test_no_row_frees_bytes_from_the_consent_that_they_lived_by(
    now: str, more: str, tier: str | None, place: Path, tthd: Tthd
) -> None:
    consents("open,v1,granted", now)
    with (place / "manifests" / "consents.csv").open("a") as file:
        file.write(more)
    rebuilt(place, tthd)
    head = place / "manifests" / SUBMISSION / "submission.yaml"
    head.write_text(HEAD.replace("speaker_consent", "open_licence"))
    edit(lambda row: row.pop("consent_id"))
    assert tthd("ingest", "raw").code == 0
    accept(place, "lab-a_b1_0000")
    assert build(tthd, "open").code == 5
    assert (sha256(B1) in rebuilt(place, tthd)) == (tier is not None)
    if tier is not None:
        sample = records(place / "internal")["lab-a_b1_0000"]
        assert (sample["rights"], sample["missing"]) == ("open_licence", ["consent"])


def test_a_list_beside_no_submission_counts(place: Path, tthd: Tthd) -> None:
    (place / "raw2").mkdir()
    shutil.copy(B1, place / "raw2" / "b.mp4")
    shutil.copy(place / "raw" / "plain.mp4", place / "raw2")
    shutil.rmtree(place / "manifests" / SUBMISSION)
    withdraw(sha256=sha256(B1))
    tthd("ingest", "raw2", "--work", "w2")
    assert hashes("w2") == {sha256(place / "raw2" / "plain.mp4")}


def test_a_list_counts_that_lies_elsewhere_than_the_submissions(place: Path, tthd: Tthd) -> None:
    for path in (place / "manifests" / SUBMISSION).iterdir():
        path.rename(place / "raw" / SUBMISSION / path.name)
    (place / "manifests" / "consents.csv").rename(place / "raw" / "consents.csv")
    (place / "manifests" / SUBMISSION).rmdir()
    withdraw(speaker_id="spk_bbbbbbbbbbbb")
    assert tthd("ingest", "raw", "--work", "w2").code == 3
    assert sha256(B1) not in hashes("w2")
    assert len(hashes("w2")) == 3


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("manifests/withdrawals.jsonl", "call it WITHDRAWALS.jsonl"),
        (f"manifests/{SUBMISSION}/WITHDRAWALS.jsonl", "lies in a submission"),
        ("manifests/WITHDRAWALS.jsonl", "is a link; put the list itself there"),
    ],
)
def test_a_list_that_would_not_be_read_stops_everything(
    name: str, sentence: str, place: Path, tthd: Tthd
) -> None:
    if "link" in sentence:
        Path(name).symlink_to("nowhere")
    else:
        Path(name).write_text('{"item_id": "lab-a_b1"}\n')
    for done in (tthd("ingest", "raw"), build(tthd, "internal")):
        assert done.code == 2
        assert sentence in done.err
    assert not (place / "internal").exists()


@pytest.mark.parametrize(
    ("folder", "names", "is_alone"),
    [
        ("manifests/2026", ("submission.yaml", "items.jsonl"), True),
        ("manifests/a/b/c", ("submission.yaml", "items.jsonl"), False),
        ("manifests", ("submission.yml", "Items.csv"), True),
        ("manifests", ("submission.yml", "Items.csv"), False),
        ("raw/2026", ("submission.yaml", "items.jsonl"), True),
    ],
)
def test_a_submission_that_would_not_be_read_stops_everything(
    folder: str, names: tuple[str, str], is_alone: bool, place: Path, tthd: Tthd
) -> None:
    withdraw(item_id="lab-a_b1")
    if not is_alone:
        submit(OTHER, "plain.mp4", place / "raw" / "plain.mp4")
    moved = Path(folder, SUBMISSION.capitalize())
    moved.parent.mkdir(parents=True, exist_ok=True)
    ITEMS.parent.rename(moved)
    for old, new in zip(("submission.yaml", "items.jsonl"), names, strict=True):
        (moved / old).rename(moved / new)
    for done in (tthd("ingest", "raw", "--work", "w2"), build(tthd, "internal")):
        assert done.code == 2
        assert str(moved) in done.err
    assert not Path("w2").exists()
    assert not (place / "internal").exists()


def test_what_a_submission_has_a_row_for_does_not_come_in_by_a_list(
    place: Path, tthd: Tthd
) -> None:
    edit(lambda row: row.update(speaker_is_adult=False))
    edit(lambda row: row.update(path="media/elsewhere.mp4"), "lab-a_a1")
    edit(lambda row: row.update(sha256="0" * 64), "lab-a_a2")
    Path("raw", "items.csv").write_text(
        "".join(f"{name}\n" for name in ["path", *(f"{SUBMISSION}/{n}.mp4" for n in ("a1", "b1"))])
        + "plain.mp4\n"
    )
    Path("m.yaml").write_text("state: {rights: open_licence, tier: open}\n")
    words = ("--from", "csv", "--list", "raw/items.csv", "--mapping", "m.yaml", "--work", "w2")
    done = tthd("ingest", "raw", *words)
    assert done.code == 3
    for name in ("a1", "a2", "b1"):
        assert f"S018 '{SUBMISSION}/{name}.mp4' came in {SUBMISSION}, and its row is" in done.err
    assert hashes("w2") == {sha256(place / "raw" / "plain.mp4")}


def test_manifests_beside_the_raw_folder_count_from_anywhere(
    place: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(lambda row: row.update(emotion="hapy"), "lab-a_a1")
    withdraw(item_id="lab-a_b1")
    Path("else", "manifests").mkdir(parents=True)
    examples = Path("else", "manifests", OTHER)
    shutil.copytree(ITEMS.parent, examples)
    row = json.loads(Path(examples, "items.jsonl").read_text("utf-8").splitlines()[0])
    row |= {"item_id": "example_0001", "path": "no.mp4", "sha256": "0" * 64}
    Path(examples, "items.jsonl").write_text(json.dumps(row) + "\n")
    monkeypatch.chdir(place / "else")
    done = tthd("ingest", place / "raw", "--work", place / "w2")
    assert done.code == 3
    assert f"M005 ../manifests/{SUBMISSION}/items.jsonl:1 emotion: " in done.err
    left = {item.path for item, _ in Workspace(place / "w2").items()}
    assert left == {"plain.mp4", f"{SUBMISSION}/a2.mp4"}


def test_no_wider_tier_is_built_from_rows_that_were_not_read_again(place: Path, tthd: Tthd) -> None:
    sentence = "the manifests have changed since they were read: run `tthd ingest` first"
    accept(place, "lab-a_a1_0000", "lab-a_b1_0000")
    done = build(tthd, "gated")
    assert (done.code, sentence in done.err) == (0, False)
    edit(lambda row: row.update(access_tier="internal"))
    done = build(tthd, "gated")
    assert (done.code, sentence in done.err) == (5, True)
    assert "gated still holds an earlier build: remove it" in done.err
    done = build(tthd, "internal")
    assert (done.code, sentence in done.err) == (0, True)
    assert tthd("ingest", "raw").code == 0
    assert sha256(B1) not in rebuilt(place, tthd, "gated")
    assert len(released(place, "gated")) == 1


def test_a_hash_that_was_just_refused_is_not_told_as_unknown(place: Path, tthd: Tthd) -> None:
    plain = sha256(place / "raw" / "plain.mp4")
    LISTED.write_text("".join(f'{{"sha256": "{one}"}}\n' for one in (plain, "0" * 64)))
    done = tthd("ingest", "raw", "--work", "w2")
    assert "M027 'plain.mp4' is kept out" in done.err
    assert f"WITHDRAWALS.jsonl:2: no file with the sha256 {'0' * 64} is registered" in done.err
    assert "WITHDRAWALS.jsonl:1: no file" not in done.err


def test_manifests_that_are_gone_are_asked_for_where_nobody_needs_a_consent(
    place: Path, tthd: Tthd
) -> None:
    text = HEAD.replace("speaker_consent", "open_licence")
    (place / "manifests" / SUBMISSION / "submission.yaml").write_text(text)
    for name in ("lab-a_a1", "lab-a_a2", "lab-a_b1"):
        edit(lambda row: row.update(consent_id=None), name)
    assert tthd("ingest", "raw").code == 0
    (place / "manifests").rename(place / "away")
    done = build(tthd, "internal")
    assert done.code == 5
    assert "is not there, and who has consented or withdrawn is looked up in it" in done.err


@pytest.mark.parametrize(
    "entry",
    [
        '{"item_id": "lab-a_b1 "}',
        '{"speaker_id": "SPK_BBBBBBBBBBBB"}',
        '{"key": "lab-a_a1_0000", "item_id": ["lab-a_b1"]}',
    ],
)
def test_an_entry_that_cannot_be_understood_stops_everything(
    entry: str, place: Path, tthd: Tthd
) -> None:
    LISTED.write_text(f"{entry}\n")
    for done in (tthd("ingest", "raw"), build(tthd, "internal")):
        assert done.code == 2
        assert "so nobody knows who has withdrawn" in done.err


def test_an_entry_that_names_nobody_known_is_told(place: Path, tthd: Tthd) -> None:
    withdraw(item_id="lab-a_b7")
    told = "manifests/WITHDRAWALS.jsonl:1: nothing here was ever known as item_id 'lab-a_b7'"
    assert told in tthd("ingest", "raw").err
    assert told in build(tthd, "internal").err


def test_an_earlier_release_is_told_whatever_ends_the_build(place: Path, tthd: Tthd) -> None:
    def told(done: Done) -> int:
        assert "release still holds an earlier build: remove it" in done.err
        return done.code

    (place / "raw" / "plain.mp4").unlink()
    LISTED.write_text("".join(f'{{"speaker_id": "spk_{one * 12}"}}\n' for one in "ab"))
    assert tthd("ingest", "raw").code == 3
    assert told(tthd("build-shards")) == 5
    LISTED.unlink()
    (place / "manifests").rename(place / "away")
    assert told(tthd("build-shards")) == 5
