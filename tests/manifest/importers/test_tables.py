"""Tables with and without a mapping: any CSV, and a video folder with its metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest.importers.conftest import Put, Read
from tthd_tools.errors import UsageError
from tthd_tools.manifest.importers import Listing
from tthd_tools.manifest.lists.table import GIVING
from tthd_tools.sidecar import make_speaker_id


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def refusal(listing: Listing) -> str:
    (one,) = listing.descriptions
    assert one.refusal is not None
    return one.refusal[2]


def test_columns_with_our_names_need_no_mapping(put: Put, listing: Read, raw: Path) -> None:
    put("a.mp4")
    text = (
        "path,speaker,language,dialect,text,emotion,emotion_intensity,emotion_origin,camera,empty\n"
        './a.mp4,Tashi,bo,amdo,"བཀྲ་ཤིས།\nབདེ་ལེགས།",Happy,2,perceived,phone,\n'
    )
    found = listing("csv", write(raw / "clips.csv", text))
    (one,) = found.descriptions
    assert (one.path, one.origin, found.remarks) == ("a.mp4", "clips.csv:2", [])
    assert one.fields == {
        "speaker_id": make_speaker_id("csv/Tashi"),
        "language": "bo",
        "dialect": "amdo",
        "text": "བཀྲ་ཤིས།\nབདེ་ལེགས།",
        "emotion": "happy",
        "emotion_intensity": 2,
        "emotion_origin": "perceived",
        "stated": {"camera": "phone"},
    }


MAPPING = """
name: mylab
columns: {path: clip, speaker: actor, emotion: feeling, start_s: from, end_s: to,
          x: left, y: top, w: w, h: h, width: of_w, height: of_h}
values:
  emotion: {joy: happy, "1": sad, none: null}
state:
  language: de
  license: CC-BY-4.0
  rights: open_licence
  tier: gated
"""


def test_a_mapping_names_columns_words_and_what_holds_for_all(
    put: Put, listing: Read, raw: Path
) -> None:
    put("a.mp4", "b.mp4")
    text = (
        "clip;actor;feeling;from;to;left;top;w;h;of_w;of_h\r\n"
        "a.mp4;T;joy;1,5;2;0;0;320;360;640;360\r\n"
        "a.mp4;T;1;00:03;00:04.5;320;0;320;360;640;360\r\n"
        "b.mp4;U;none;;;;;;;;\r\n"
    ).replace("1,5", "1.5")
    mapping = write(raw / "mapping.yaml", MAPPING)
    found = listing("csv", write(raw / "clips.csv", "\ufeff" + text), mapping)
    a, b = found.descriptions
    assert a.fields == {
        "language": "de",
        "license": "CC-BY-4.0",
        "rights": "open_licence",
        "tier": "gated",
        "speaker_id": make_speaker_id("mylab/T"),
        "segments": [
            {"start_s": 1.5, "end_s": 2.0, "box": [0.0, 0.0, 0.5, 1.0]},
            {"start_s": 3.0, "end_s": 4.5, "box": [0.5, 0.0, 1.0, 1.0]},
        ],
        "stated": {
            "emotion_segments": [
                {"label": "happy", "intensity": None, "start_s": 1.5, "end_s": 2.0},
                {"label": "sad", "intensity": None, "start_s": 3.0, "end_s": 4.5},
            ]
        },
    }
    assert found.remarks == ["clips.csv:2: the rows of 'a.mp4' differ in emotion"]
    assert not {"emotion", "segments"} & set(b.fields)


def test_a_mapping_states_rights_for_a_known_dataset_too(
    put: Put, listing: Read, raw: Path
) -> None:
    put("01-01-03-01-01-01-01.mp4")
    mapping = write(raw / "m.yaml", "state: {license: LicenseRef-bought, tier: gated}\n")
    found = listing("ravdess", None, mapping)
    (one,) = found.descriptions
    assert (one.fields["license"], one.fields["tier"]) == ("LicenseRef-bought", "internal")
    assert found.remarks == [
        "01-01-03-01-01-01-01.mp4: '01-01-03-01-01-01-01.mp4' stays internal, since its rights "
        "are unknown"
    ]


CLAIMS = (
    "path,rights,tier,license,Consent ID,camera\na.mp4,public_domain,open,CC0-1.0,con_x,phone\n"
)
LEFT_OUT = (
    "are left out, since a list alone gives no rights; say them in a mapping file (columns or "
    "state) and give that with --mapping"
)


def test_a_list_alone_gives_no_rights(put: Put, listing: Read, raw: Path) -> None:
    put("a.mp4")
    found = listing("csv", write(raw / "l.csv", CLAIMS))
    assert found.descriptions[0].fields == {"license": "CC0-1.0", "stated": {"camera": "phone"}}
    assert found.remarks == [f"l.csv: consent_id, rights, tier {LEFT_OUT}"]


def test_metadata_beside_the_videos_give_no_rights(put: Put, listing: Read, raw: Path) -> None:
    put("a.mp4")
    text = '{"file_name": "a.mp4", "rights": "open_licence", "access-tier": "open"}\n'
    write(raw / "metadata.jsonl", text * 2)
    found = listing("hf-video")
    assert found.descriptions[0].fields == {}
    assert found.remarks == [f"metadata.jsonl: access_tier, rights {LEFT_OUT}"]


@pytest.mark.parametrize(
    ("mapping", "fields", "left_out"),
    [
        (
            "columns: {rights: rights, tier: tier}",
            {"rights": "public_domain", "tier": "open"},
            "consent_id is left out",
        ),
        (
            "state: {rights: open_licence, tier: gated}",
            {"rights": "open_licence", "tier": "gated"},
            "consent_id, rights, tier are left out",
        ),
        (
            "columns: {rights: rights}\nvalues: {tier: {open: registered}}\nstate: {tier: gated}",
            {"rights": "public_domain", "tier": "gated"},
            "consent_id, tier are left out",
        ),
    ],
)
def test_rights_are_those_that_the_mapping_takes_from_a_list_or_states(
    put: Put, listing: Read, raw: Path, mapping: str, fields: dict[str, str], left_out: str
) -> None:
    put("a.mp4")
    path = write(raw / "m.yaml", mapping)
    found = listing("csv", write(raw / "l.csv", CLAIMS), path)
    stated = {"license": "CC0-1.0", "stated": {"camera": "phone"}}
    assert found.descriptions[0].fields == fields | stated
    (remark,) = found.remarks
    assert remark.startswith(f"l.csv: {left_out}, since")


def test_a_box_in_shares_of_the_picture_needs_no_size(put: Put, listing: Read, raw: Path) -> None:
    put("a.mp4")
    path = write(raw / "l.csv", "path,x0,y0,x1,y1\na.mp4,-0.004,0.1,0.5,1.009\n")
    (one,) = listing("csv", path).descriptions
    assert one.fields["segments"] == [{"start_s": 0.0, "end_s": 10.0, "box": [0.0, 0.1, 0.5, 1.0]}]


@pytest.mark.parametrize(
    ("columns", "cells", "why"),
    [
        ("start_s,end_s", "nan,2", "start_s 'nan' is no number"),
        ("start_s,end_s", "1,inf", "end_s 'inf' is no number"),
        ("start_s,end_s", "-1,2", "a piece from -1 s to 2 s is none"),
        ("start_s,end_s", "1e11,2e11", "is not in a file of 10.0 s"),
        ("x0,y0,x1,y1", "0,0,1,", "a crop is x0, y0, x1 and y1, or x, y, w and h"),
        ("x0,y0,w,h", "0,0,1,1", "a crop is x0, y0, x1 and y1, or x, y, w and h"),
        ("x,y,w,h", "0,0,320,180", "a crop in pixels needs width and height"),
        (
            "x,y,w,h,width,height",
            "0,0,320,180,640,480",
            "the crop is stated for 640x480 px, the file has 64x36 px: another shape",
        ),
        ("x,y,w,h,width,height", "0,0,320,-180,640,360", "does not lie in a picture of 640x360"),
    ],
)
def test_times_and_crops_that_cannot_be_keep_the_file_out(
    put: Put, listing: Read, raw: Path, columns: str, cells: str, why: str
) -> None:
    put("a.mp4")
    found = listing("csv", write(raw / "l.csv", f"path,{columns}\na.mp4,{cells}\n"))
    assert refusal(found).startswith("l.csv:2: 'a.mp4': ")
    assert why in refusal(found)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("b.mp4", "is listed but not there"),
        ("../a.mp4", "leaves the raw folder; write it from there without .."),
        ("/etc/passwd", "is absolute; write it from the raw folder on"),
        ("C:/a.mp4", "is absolute; write it from the raw folder on"),
        ("x\\a.mp4", "has a backslash; write the path with /"),
        ("\x1b[31ma.mp4", "holds control characters"),
        ("x" * 2000, "is no path of 1 to 1000 characters"),
        ("x" * 300 + ".mp4", "is no name that a file can have"),
        ("link.mp4", "is a link; put the file itself there"),
        ("away/a.mp4", "is a link; put the file itself there"),
        ("notes.txt", "is no video by its name, or lies in a hidden folder"),
        ("<script>alert(1)</script>.mp4", "is listed but not there"),
    ],
)
def test_paths_that_are_no_video_of_the_folder_are_told(
    put: Put, listing: Read, raw: Path, tmp_path: Path, path: str, why: str
) -> None:
    put("a.mp4")
    (raw / "link.mp4").symlink_to(raw / "a.mp4")
    (raw / "away").symlink_to(tmp_path)
    (tmp_path / "a.mp4").write_bytes((raw / "a.mp4").read_bytes())
    (raw / "notes.txt").write_text("x")
    found = listing("csv", write(raw / "l.csv", f'path\na.mp4\n"{path}"\n'))
    assert [one.path for one in found.descriptions] == ["a.mp4"]
    (missing,) = found.missing
    assert missing.origin == "l.csv:3"
    assert missing.sentence.startswith("l.csv:3: ")
    assert missing.sentence.endswith(why)
    assert missing.sentence.isprintable()


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("language", "not a tag!"),
        ("emotion", "hangry"),
        ("emotion_intensity", "11"),
        ("rights", "mine"),
        ("tier", "everybody"),
        ("license", "\x1b]0;x"),
        ("speaker_id", "spk_" + "x" * 100),
    ],
)
def test_a_word_that_is_none_of_ours_is_left_out_and_told(
    put: Put, listing: Read, raw: Path, column: str, cell: str
) -> None:
    put("a.mp4")
    mapping = write(raw / "m.yaml", f"columns: {{{column}: {column}}}\n" * (column in GIVING))
    found = listing("csv", write(raw / "l.csv", f"path,{column}\na.mp4,{cell}\n"), mapping)
    (one,) = found.descriptions
    assert one.fields == {}
    (remark,) = found.remarks
    assert remark.startswith(f"l.csv:2: {column} ")
    assert "is left out" in remark


def test_a_row_that_is_too_long_and_one_without_a_file_are_told(
    put: Put, listing: Read, raw: Path
) -> None:
    put("a.mp4")
    found = listing("csv", write(raw / "l.csv", "path,text\na.mp4,x\na.mp4,y,z\n,w\n\n"))
    assert found.descriptions[0].fields == {"text": "x"}
    assert found.remarks == ["l.csv:3: has 3 cells, the header 2", "l.csv:4: no file is named"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("file,file\na,b\n", "two columns are called 'file'; rename one"),
        ("clip\na.mp4\n", "has no column path or file_name; say which it is in a mapping"),
        ("path\n", "has no rows below its header"),
        ("path\n\n\n", "holds no record that can be read"),
        ('path\n"a.mp4\n', "save it as CSV again"),
        ("path,text\na.mp4," + "x" * 200_000, "save it as CSV again"),
        (",".join(f"c{k}" for k in range(300)) + "\n1\n", "300 columns; it must have 1 to 200"),
    ],
)
def test_a_table_that_is_none_is_an_error(
    put: Put, listing: Read, raw: Path, text: str, why: str
) -> None:
    put("a.mp4")
    with pytest.raises(UsageError, match=why):
        listing("csv", write(raw / "l.csv", text))


def test_a_column_that_the_mapping_names_must_be_there(put: Put, listing: Read, raw: Path) -> None:
    put("a.mp4")
    mapping = write(raw / "m.yaml", "columns: {path: file, speaker: actors}\n")
    with pytest.raises(UsageError, match="no column 'actors' for speaker; did you mean 'actor'"):
        listing("csv", write(raw / "l.csv", "file,actor\na.mp4,x\n"), mapping)


def test_json_lines_are_a_table_too(put: Put, listing: Read, raw: Path) -> None:
    put("a.mp4", "b.mp4")
    text = (
        '{"file_name": "a.mp4", "emotion": "sad", "emotion_intensity": 2.0, "deep": {"x": 1}}\n'
        '{"file_name": "b.mp4", "speaker": 7, "score": 1e999, "rate": 0.5}\n'
        "[1]\n"
        '{"file_name": NaN}\n'
        '{"a": 1, "a": 2}\n'
        '{"file_name": "\\ud800"}\n'
    )
    found = listing("csv", write(raw / "l.jsonl", text))
    a, b = found.descriptions
    assert a.fields == {"emotion": "sad", "emotion_intensity": 2}
    assert b.fields == {"speaker_id": make_speaker_id("csv/7"), "stated": {"rate": 0.5}}
    assert found.remarks == [
        "l.jsonl:3: is no object {…}",
        "l.jsonl:4: NaN is no JSON number",
        "l.jsonl:5: it names the key 'a' twice",
        "l.jsonl:6: it holds half characters (lone surrogates)",
    ]


def test_a_video_folder_has_its_metadata_beside_its_videos(
    put: Put, listing: Read, raw: Path
) -> None:
    put("train/0001.mp4", "train/x/0002.mp4", "test/0001.mp4")
    write(raw / "train/metadata.csv", "file_name,text,speaker\n0001.mp4,hello,T\nx/0002.mp4,,T\n")
    write(raw / "test/metadata.jsonl", '{"file_name": "0001.mp4", "speaker": "T"}\n')
    write(raw / "train/metadata.jsonl", '{"file_name": "0001.mp4"}\n')
    found = listing("hf-video")
    assert [(one.path, one.origin) for one in found.descriptions] == [
        ("test/0001.mp4", "test/metadata.jsonl:1"),
        ("train/0001.mp4", "train/metadata.csv:2"),
        ("train/x/0002.mp4", "train/metadata.csv:3"),
    ]
    assert found.descriptions[1].fields["text"] == "hello"
    assert {one.fields["speaker_id"] for one in found.descriptions} == {
        make_speaker_id("hf-video/T")
    }
    assert found.remarks == ["train/metadata.jsonl is not used: metadata.csv lies beside it"]


def test_metadata_of_a_video_folder_cannot_reach_out_of_it(
    put: Put, listing: Read, raw: Path, tmp_path: Path
) -> None:
    put("train/0001.mp4")
    write(raw / "train/metadata.csv", "file_name\n../../x.mp4\n/etc/passwd\n0001.mp4\n")
    found = listing("hf-video")
    assert [one.path for one in found.descriptions] == ["train/0001.mp4"]
    assert ["without .." in one.sentence for one in found.missing] == [True, False]
    assert "is absolute" in found.missing[1].sentence
    elsewhere = write(tmp_path / "metadata.csv", "file_name\n0001.mp4\n")
    with pytest.raises(UsageError, match="must lie in"):
        listing("hf-video", elsewhere)


def test_a_video_folder_in_parquet_is_told_what_to_do(put: Put, listing: Read, raw: Path) -> None:
    put("train/0001.mp4")
    (raw / "train/metadata.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match=r"save metadata.parquet as one of them"):
        listing("hf-video")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("speaker_is_adult", "False", "speaker_is_adult is 'False'"),
        ("Speaker is adult", "no", "speaker_is_adult is 'no'"),
        ("other_people_visible", "unconsented", "other_people_visible is 'unconsented'"),
    ],
)
def test_what_a_list_says_against_a_file_keeps_it_out(
    column: str, value: str, said: str, put: Put, listing: Read, raw: Path
) -> None:
    put("a.mp4", "b.mp4")
    harmless = "true" if "adult" in column else "none"
    table = f"path,{column}\na.mp4,{value}\nb.mp4,{harmless}\n"
    mapping = write(raw / "m.yaml", "state: {rights: open_licence, tier: open, license: CC0-1.0}\n")
    found = listing("csv", write(raw / "clips.csv", table), mapping)
    assert [one.path for one in found.descriptions if "rights" in one.fields] == ["b.mp4"]
    assert any(
        f"clips.csv:2: {said}, which a list cannot settle; send the file with" in one
        for one in found.remarks
    )
