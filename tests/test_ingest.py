"""Registering raw videos: what is an item, what is refused and why, and what comes and goes."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.films import copy_as, cut_off, grey_film, one_picture, one_pixel, sound_only
from tthd_tools.description import Description
from tthd_tools.errors import AccessError, UsageError
from tthd_tools.ingest import IngestSummary, ingest
from tthd_tools.videos import find_videos
from tthd_tools.workspace import Workspace


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey second; not to be changed."""
    return grey_film(tmp_path_factory.mktemp("film") / "film.mp4", 25)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def register(raw: Path, *said: Description) -> tuple[Workspace, IngestSummary]:
    workspace = Workspace.create(raw.parent / "work", raw)
    by_path = {one.path: one for one in said}
    with workspace.writing():
        return workspace, ingest(workspace, describe=by_path.get)


def items(workspace: Workspace) -> dict[str, str]:
    """Path and id of all items."""
    return {item.path: item.item_id for item, _ in workspace.items()}


def refused(workspace: Workspace) -> dict[str, tuple[str, str, str]]:
    """Path, outcome, reason and code of what is no item."""
    return {row.detail: (row.outcome, row.reason, row.code) for row in workspace.refused()}


def test_an_item_says_what_the_file_is(raw: Path, film: Path) -> None:
    path = copy_as(film, raw / "My Talk.mp4", 1)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    workspace, summary = register(raw)
    ((item, _),) = workspace.items()
    assert item.item_id == f"my-talk-{sha256[:8]}"
    assert item.path == "My Talk.mp4"
    assert item.sha256 == sha256
    assert item.duration_s == 1.0
    assert item.speaker_id == f"spk_item_{item.item_id}"
    assert (item.rights, item.tier) == ("unknown", "internal")
    assert item.probe["fps"] == 25.0
    assert (summary.added, summary.known, summary.files, summary.seconds) == (1, 0, 1, 1.0)


def test_a_second_run_knows_it_all_and_writes_nothing(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 1)
    (raw / "c.mp4").touch()
    workspace, _ = register(raw)
    segments = sorted(workspace.ledger.folder.iterdir())
    workspace, summary = register(raw)
    assert (summary.added, summary.known) == (0, 1)
    assert [row.detail for row in summary.duplicates] == ["b.mp4"]
    assert [row.detail for row in summary.failed] == ["c.mp4"]
    assert sorted(workspace.ledger.folder.iterdir()) == segments


def test_folders_are_searched_hidden_files_and_links_are_not(raw: Path, film: Path) -> None:
    (raw / "x.mp4" / "deep").mkdir(parents=True)
    (raw / ".hidden").mkdir()
    copy_as(film, raw / "x.mp4" / "deep" / "A.MP4", 1)
    copy_as(film, raw / ".hidden" / "b.mp4", 2)
    copy_as(film, raw / ".c.mp4", 3)
    (raw / "notes.txt").write_text("no video")
    (raw / "link.mp4").symlink_to(film)
    (raw / "loop").symlink_to(raw)
    (raw / "self.mp4").symlink_to(raw / "self.mp4")
    assert [path.relative_to(raw).as_posix() for path in find_videos(raw)] == ["x.mp4/deep/A.MP4"]


def test_every_bad_file_is_refused_with_its_reason(raw: Path, film: Path) -> None:
    copy_as(film, raw / "good.mp4", 1)
    cut_off(film, raw / "truncated.mp4", 0.1)
    (raw / "empty.mp4").touch()
    (raw / "text.mp4").write_text("this is no video, whatever its name says\n" * 30)
    one_picture(raw / "one.mp4")
    sound_only(raw / "sound.mp4")
    grey_film(raw / "fast.mp4", 60, fps=5000.0)
    one_pixel(raw / "pixel.mkv")
    os.mkfifo(raw / "pipe.mp4")
    workspace, summary = register(raw)
    assert list(items(workspace)) == ["good.mp4"]
    assert refused(workspace) == {
        "truncated.mp4": ("failed", "undecodable", "S002"),
        "empty.mp4": ("failed", "empty", "S007"),
        "text.mp4": ("failed", "undecodable", "S001"),
        "one.mp4": ("failed", "absurd", "S005"),
        "sound.mp4": ("failed", "no_video", "S003"),
        "fast.mp4": ("failed", "absurd", "S005"),
        "pixel.mkv": ("failed", "absurd", "S005"),
        "pipe.mp4": ("failed", "unreadable", "S004"),
    }
    for row in summary.failed:
        assert re.fullmatch(
            rf"'{row.detail}' [^\n]+: ?[^\n]+|'{row.detail}' [^\n]+; [^\n]+", row.message
        )


def test_identical_bytes_register_once_under_the_first_path(raw: Path, film: Path) -> None:
    copy_as(film, raw / "b.mp4", 1)
    copy_as(film, raw / "a.mp4", 1)
    workspace, summary = register(raw)
    assert list(items(workspace)) == ["a.mp4"]
    assert refused(workspace) == {"b.mp4": ("rejected", "duplicate", "S013")}
    assert summary.duplicates[0].message == "'b.mp4' holds the same bytes as 'a.mp4'"
    assert summary.failed == []


def test_the_copy_takes_over_when_the_first_is_removed(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 1)
    before, _ = register(raw)
    (raw / "a.mp4").unlink()
    workspace, summary = register(raw)
    assert items(workspace) == {"b.mp4": items(before)["a.mp4"]}
    assert refused(workspace) == {}
    assert summary.gone == []


def test_a_moved_file_is_the_same_item(raw: Path, film: Path) -> None:
    copy_as(film, raw / "old.mp4", 1)
    before, _ = register(raw)
    (raw / "sub").mkdir()
    (raw / "old.mp4").rename(raw / "sub" / "new.mp4")
    workspace, summary = register(raw)
    assert items(workspace) == {"sub/new.mp4": items(before)["old.mp4"]}
    assert summary.gone == []
    (raw / "sub" / "new.mp4").rename(raw / "old.mp4")
    workspace, _ = register(raw)
    assert items(workspace) == items(before)


def test_a_file_with_other_bytes_is_told_from_one_that_is_away(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 2)
    register(raw)
    copy_as(film, raw / "a.mp4", 3)
    (raw / "b.mp4").unlink()
    copy_as(film, raw / "c.mp4", 4)
    _, summary = register(raw)
    assert sorted(row.message for row in summary.gone) == [
        "'a.mp4' holds other bytes than those that were registered, whose clips are left out",
        "'b.mp4' is no longer there",
    ]


def test_a_removed_file_is_gone_until_it_comes_back(raw: Path, film: Path, tmp_path: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 2)
    before, _ = register(raw)
    (raw / "b.mp4").rename(tmp_path / "b.mp4")
    workspace, summary = register(raw)
    assert list(items(workspace)) == ["a.mp4"]
    assert refused(workspace) == {}
    assert [(row.detail, row.code) for row in summary.gone] == [("b.mp4", "S016")]
    workspace, summary = register(raw)
    assert summary.gone == []
    (tmp_path / "b.mp4").rename(raw / "b.mp4")
    workspace, summary = register(raw)
    assert items(workspace) == items(before)


def test_a_replaced_file_is_a_new_item(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    before, _ = register(raw)
    copy_as(film, raw / "a.mp4", 2)
    workspace, summary = register(raw)
    assert list(items(workspace)) == ["a.mp4"]
    assert items(workspace) != items(before)
    assert (summary.added, len(summary.gone)) == (1, 1)


def test_a_mended_file_leaves_no_failure_behind(raw: Path, film: Path) -> None:
    cut_off(film, raw / "a.mp4", 0.1)
    workspace, _ = register(raw)
    assert list(refused(workspace)) == ["a.mp4"]
    copy_as(film, raw / "a.mp4", 1)
    workspace, summary = register(raw)
    assert list(items(workspace)) == ["a.mp4"]
    assert refused(workspace) == {}
    assert summary.gone == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("with space.mp4", "with-space"),
        ('quo\'te "x".mp4', "quo-te-x"),
        ("new\nline.mp4", "new-line"),
        ("\x1b[31mred.mp4", "31mred"),
        ("བཀྲ་ཤིས་བདེ་ལེགས།.mp4", "item"),
        ("Übung é.mp4", "ubung-e"),
        ("x" * 200 + ".mp4", "x" * 40),
        ("-rf.mp4", "rf"),
        ("=cmd().mp4", "cmd"),
    ],
)
def test_any_utf8_name_is_an_item_with_a_plain_id(
    raw: Path, film: Path, name: str, slug: str
) -> None:
    copy_as(film, raw / name, 1)
    workspace, summary = register(raw)
    ((path, item_id),) = items(workspace).items()
    assert path == name
    assert re.fullmatch(re.escape(slug) + "-[0-9a-f]{8}", item_id)
    assert summary.failed == []


def test_a_name_that_is_not_utf8_is_refused_and_shown_with_escapes(raw: Path, film: Path) -> None:
    bad = os.fsdecode(b"caf\xe9.mp4")
    copy_as(film, raw / "good.mp4", 1)
    copy_as(film, raw / bad, 2)
    workspace, _ = register(raw)
    assert refused(workspace) == {"caf\\xe9.mp4": ("failed", "bad_name", "S014")}
    assert list(items(workspace)) == ["good.mp4"]
    (raw / bad).rename(raw / "café.mp4")
    workspace, _ = register(raw)
    assert sorted(items(workspace)) == ["café.mp4", "good.mp4"]
    assert refused(workspace) == {}


def test_an_unreadable_file_and_folder_are_told(raw: Path, film: Path) -> None:
    """In a process of another user, since the permissions do not bind root."""
    copy_as(film, raw / "good.mp4", 1)
    copy_as(film, raw / "shut.mp4", 2).chmod(0)
    (raw / "closed").mkdir(mode=0)
    program = (
        "import os, sys, json; from pathlib import Path\n"
        "from tests.test_ingest import register, refused, items\n"
        "register(Path(sys.argv[2]))  # imports all while it still may\n"
        "os.getuid() or os.setuid(65534)\n"
        "workspace, _ = register(Path(sys.argv[1]))\n"
        "print(json.dumps([items(workspace), refused(workspace)]))\n"
    )
    other = raw.parent / "other" / "raw"
    other.mkdir(parents=True)
    copy_as(film, other / "a.mp4", 1)
    raw.parent.chmod(0o777)
    for folder in raw.parent.parents:
        if folder.stat().st_uid == os.getuid() and "pytest" in str(folder):
            folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", program, str(raw), str(other)],
        capture_output=True,
        text=True,
        check=False,
    )
    (raw / "closed").chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert '"good.mp4": "good-' in done.stdout
    assert '"closed": ["failed", "unreadable", "S004"]' in done.stdout
    assert '"shut.mp4": ["failed", "unreadable", "S004"]' in done.stdout


def test_a_broken_sidecar_costs_a_remark_not_the_video(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    (raw / "a.json").write_text("[")
    (raw / "a.txt").write_text("text")
    workspace, summary = register(raw)
    ((item, _),) = workspace.items()
    assert item.text == "text"
    assert len(summary.remarks) == 1
    assert summary.remarks[0].startswith("'a.mp4': 'a.json' is not used: no JSON at character 2")


def test_a_changed_sidecar_changes_the_item(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    register(raw)
    (raw / "a.json").write_text('{"speaker": "spk_x", "text": "hello"}')
    workspace, summary = register(raw)
    ((item, _),) = workspace.items()
    assert (item.speaker_id, item.text) == ("spk_x", "hello")
    assert (summary.added, summary.gone) == (1, [])


def test_a_description_names_the_item_and_goes_before_the_sidecar(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    (raw / "a.json").write_text('{"emotion": "sad", "dialect": "kham", "camera": "x"}')
    fields = {"speaker_id": "spk_abcdefghijkl", "emotion": "happy", "tier": "gated"}
    workspace, _ = register(raw, Description("a.mp4", "m/items.csv:2", fields, "lab_0001"))
    ((item, _),) = workspace.items()
    assert (item.item_id, item.speaker_id, item.tier) == ("lab_0001", "spk_abcdefghijkl", "gated")
    assert (item.emotion, item.dialect, item.extra) == ("happy", "kham", {"camera": "x"})


def test_an_item_that_gets_its_manifest_later_goes_by_its_new_id(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    register(raw)
    said = Description("a.mp4", "m/items.csv:2", {"license": "CC-BY-4.0"}, "lab_0001")
    workspace, summary = register(raw, said)
    assert items(workspace) == {"a.mp4": "lab_0001"}
    assert [row.message for row in summary.gone] == [
        "'a.mp4' goes by the item_id lab_0001 now, and is measured anew"
    ]
    _, summary = register(raw, said)
    assert (summary.added, summary.known, summary.gone) == (0, 1, [])


def test_a_file_that_came_in_a_submission_does_not_come_back_without_it(
    raw: Path, film: Path
) -> None:
    copy_as(film, raw / "a.mp4", 1)
    said = Description("a.mp4", "m/items.csv:2", {"submission_id": "sub_x"}, "lab_0001")
    register(raw, said)
    workspace, summary = register(raw)
    assert items(workspace) == {}
    assert refused(workspace) == {"a.mp4": ("failed", "undescribed", "S018")}
    (raw / "a.mp4").rename(raw / "b.mp4")
    workspace, summary = register(raw)
    assert items(workspace) == {}
    assert "'b.mp4' came in sub_x, and no manifest" in summary.failed[0].message
    (raw / "b.mp4").rename(raw / "a.mp4")
    workspace, _ = register(raw, said)
    assert items(workspace) == {"a.mp4": "lab_0001"}


def test_a_file_that_is_not_the_described_one_is_kept_out(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 2)
    wrong = Description("a.mp4", "m/items.csv:2", {}, "lab_0001", sha256="0" * 64)
    refusal = ("M025", "consent_withdrawn", "'b.mp4': consent con_x is withdrawn")
    workspace, summary = register(
        raw, wrong, Description("b.mp4", "m/items.csv:3", {}, "lab_0002", refusal=refusal)
    )
    assert items(workspace) == {}
    assert refused(workspace) == {
        "a.mp4": ("failed", "sha256_differs", "M010"),
        "b.mp4": ("failed", "consent_withdrawn", "M025"),
    }
    assert "and not 000000000000… as m/items.csv:2 says" in summary.failed[0].message


def test_nothing_under_raw_is_touched(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    (raw / "empty.mp4").touch()
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in raw.iterdir()}
    register(raw)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in raw.iterdir()} == before


def test_a_fault_of_ours_costs_one_file(
    raw: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tthd_tools import media

    probe = media.probe

    def break_on_b(path: Path) -> media.Probe:
        if path.name == "b.mp4":
            raise OverflowError("too much")
        return probe(path)

    monkeypatch.setattr(media, "probe", break_on_b)
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 2)
    workspace, summary = register(raw)
    assert list(items(workspace)) == ["a.mp4"]
    assert refused(workspace) == {"b.mp4": ("failed", "internal_error", "X001")}
    assert summary.failed[0].message == "'b.mp4': probing broke: OverflowError: too much"


def test_a_raw_folder_must_be_one_and_hold_a_video(raw: Path) -> None:
    with pytest.raises(UsageError, match=r"does not exist; give the folder that holds"):
        next(find_videos(raw / "absent"))
    (raw / "file").touch()
    with pytest.raises(UsageError, match=r"is a file, not a folder; give the folder that holds"):
        next(find_videos(raw / "file"))
    with pytest.raises(UsageError, match=r"there is no video in .*; a video's name ends in \.3gp"):
        register(raw)


@pytest.mark.skipif(os.getuid() == 0, reason="permissions do not bind root")
def test_a_closed_raw_folder_is_an_access_error(raw: Path) -> None:
    raw.chmod(0)
    with pytest.raises(AccessError, match="may not be listed"):
        list(find_videos(raw))
    raw.chmod(0o700)


def test_a_workspace_inside_raw_is_refused(raw: Path, film: Path) -> None:
    copy_as(film, raw / "a.mp4", 1)
    with pytest.raises(UsageError, match="lies in the raw folder"):
        Workspace.create(raw / "work", raw)
    assert sorted(path.name for path in raw.iterdir()) == ["a.mp4"]


def test_two_files_never_share_an_id(
    raw: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tthd_tools.ingest.make_item_id", lambda stem, sha256: "same-00000000")
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 2)
    workspace, _ = register(raw)
    assert len(set(items(workspace).values())) == 2
