"""From a dataset's list to clips: what comes out lies inside of what is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_run import Tthd
from tests.films import copy_as, grey_film, write_studio
from tthd_tools.synth import Actor, Script, Take, invent_person
from tthd_tools.synth.render import Studio


@pytest.fixture(scope="module")
def hdtf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people through six seconds at 640 x 360, listed for 1280 x 720; not to be changed."""
    raw = tmp_path_factory.mktemp("hdtf") / "raw"
    raw.mkdir()
    left, right = invent_person(1), invent_person(2)
    actors = (Actor(left, 0.3, 0.45, 0.17), Actor(right, 0.72, 0.45, 0.17, speaks=False))
    write_studio(Studio(Script((Take(actors, 6, 1, seed=3),), size=(640, 360))), raw / "Talk.mp4")
    times = "Talk.mp4 00:01-00:03 00:04-00:05\nGone.mp4 00:01-00:02\n"
    (raw / "RD_annotion_time.txt").write_text(times)
    crops = "Talk_0.mp4 100 540 20 540\nTalk_1.mp4 640 640 0 640\n"
    (raw / "RD_crop_wh.txt").write_text(crops)
    (raw / "RD_resolution.txt").write_text("Talk.mp4 720\n")
    return raw


def test_clips_lie_inside_of_what_a_list_names(
    hdtf: Path, tmp_path: Path, tthd: Tthd, embedded_weights: None
) -> None:
    work = tmp_path / "work"
    ingested = tthd("ingest", hdtf, "--from", "hdtf", "--work", work, "--json")
    assert ingested.code == 3
    assert ingested.json["added"] == 1
    assert [one["path"] for one in ingested.json["missing"]] == ["Gone.mp4"]
    assert "1 listed file cannot be found" in ingested.err
    options = ("--work", work, "--set", "tracks.min_face_px=30", "--set", "tracks.min_track_s=0.8")
    assert tthd("measure", *options, "--until", "tracks", "--quiet").code == 0
    (item,) = tthd("status", *options, "--json").json["items"]
    spans = {(one["start_s"], one["end_s"]) for one in item["clips"]}
    assert spans == {(1.0, 3.0), (4.0, 5.0)}
    ended = [(one["start_s"], one["end_s"], one["reason"]) for one in item["ended"]]
    assert sorted(ended) == [
        (0.0, 1.0, "outside_segments"),
        (1.0, 3.0, "outside_box"),
        (3.0, 4.0, "outside_segments"),
        (4.0, 5.0, "outside_box"),
        (5.0, 6.0, "outside_segments"),
    ]


def test_a_second_ingest_with_the_list_knows_it_all_and_another_list_is_new(
    hdtf: Path, tmp_path: Path, tthd: Tthd
) -> None:
    work = tmp_path / "work"
    options = ("ingest", hdtf, "--from", "hdtf", "--work", work, "--json")
    assert tthd(*options).json["added"] == 1
    again = tthd(*options).json
    assert (again["added"], again["known"]) == (0, 1)
    (tmp_path / "RD_annotion_time.txt").write_text("Talk.mp4 00:02-00:03\n")
    other = tthd(*options, "--list", tmp_path / "RD_annotion_time.txt")
    assert (other.code, other.json["added"], other.json["gone"]) == (0, 1, [])


def test_a_wrong_line_keeps_its_file_out_and_a_wrong_list_leaves_no_workspace(
    tmp_path: Path, tthd: Tthd
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    film = grey_film(tmp_path / "film.mp4", 50)
    copy_as(film, raw / "a.mp4", 1)
    copy_as(film, raw / "b.mp4", 2)
    table = raw / "clips.csv"
    table.write_text("path,start_s,end_s,emotion\na.mp4,1,\x1b[31m,sad\nb.mp4,0.5,1.5,\x1b[31m\n")
    work = tmp_path / "work"
    for options, why in [
        (("--from", "csv"), "give it with --list FILE"),
        (("--from", "tsv"), "did you mean 'csv'"),
        (("--list", table), "go with --from NAME"),
        (("--from", "csv", "--list", raw / "absent.csv"), "does not exist"),
    ]:
        done = tthd("ingest", raw, "--work", work, *options)
        assert (done.code, work.exists()) == (2, False)
        assert why in done.err
    done = tthd("ingest", raw, "--work", work, "--from", "csv", "--list", table)
    assert done.code == 3
    assert "S017 clips.csv:2: 'a.mp4': end_s '\\x1b[31m' is no number" in done.err
    assert "clips.csv:3: emotion '\\x1b[31m' is none of ours and is left out" in done.err
    assert "\x1b" not in done.err
    explained = tthd("explain", "S017")
    assert "listed_wrongly" in explained.out
