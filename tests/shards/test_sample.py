"""What a finished clip becomes in a release."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.shards.tiny import clip_of
from tthd_tools.arrays import save_arrays
from tthd_tools.errors import AccessError, UsageError
from tthd_tools.shards import ReleaseFacts, Sample, sample_of
from tthd_tools.shards.sample import canonical_json, check_key, members
from tthd_tools.stages.alignment import AlignmentPart


def content(sample: Sample) -> dict[str, bytes | Path]:
    return dict(members(sample, ReleaseFacts().members))


def test_members_come_in_the_documented_order(samples: list[Sample]) -> None:
    assert list(content(samples[0])) == [
        *("json", "txt", "mp4", "wav", "align.json", "masks.npz", "lmk.npz")
    ]


def test_json_holds_provenance_and_what_makes_the_clip_recuttable(stage_files: Path) -> None:
    data = content(sample_of(clip_of(stage_files, "item-0_0000")))["json"]
    assert isinstance(data, bytes)
    record = json.loads(data)
    assert record["key"] == "item-0_0000"
    assert record["rights"] == "unknown"
    assert record["tier"] == "internal"
    assert record["review_state"] == "unreviewed"
    assert record["speaker_group"] == "spk_a"
    assert record["source"]["sha256"] == "ab" * 32
    assert record["source"]["path"] == "spk_a/take one.mp4"
    assert record["picture"] == {"frames": 30, "fps": 25.0, "size_px": 64}
    assert record["sound"] == {"rate_hz": 16000, "samples": 19200}
    assert record["parts"]["tracks"]["side_px"] == 128.0
    assert record["fingerprints"]["masks"] == "3" * 64
    assert record["crop"] == [[100.5, 80.25, 128.0, 0.0]] * 30
    assert record["timing"]["source_s"][:3] == [0.0, 0.04, 0.08]
    assert record["timing"]["repeated"] == [5]
    assert record["timing"]["skipped"] == []


def test_wider_tiers_do_not_get_file_names_and_camera_metadata(stage_files: Path) -> None:
    sample = sample_of(clip_of(stage_files, "item-0_0000"), tier="gated")
    data = content(sample)["json"]
    assert isinstance(data, bytes)
    assert b"take one" not in data
    assert b"+29.6" not in data


def test_text_is_normalised_and_split_and_group_can_be_given(stage_files: Path) -> None:
    clip = clip_of(stage_files, "item-0_0000")
    sample = sample_of(clip, split="train", group="grp_1", align={"words": []}, flags=["noisy"])
    assert content(sample)["txt"] == "བཀྲ་ཤིས".encode()
    assert sample.record["text_raw"] == "བཀྲ་ཤིས "
    assert content(sample)["align.json"] == b'{"words":[]}'
    assert (sample.split, sample.group) == ("train", "grp_1")
    assert sample.record["speaker_group"] == "grp_1"
    assert sample.record["flags"] == ["noisy"]


def test_landmarks_are_in_pixels_of_the_stored_picture(samples: list[Sample]) -> None:
    data = content(samples[0])["lmk.npz"]
    assert isinstance(data, bytes)
    with np.load(io.BytesIO(data)) as arrays:
        # 4096/16384 of a 64 px side is 16 px, from the centre at 32
        assert arrays["points"].dtype == np.float16
        assert arrays["points"].shape == (30, 468, 3)
        assert arrays["points"][7, 100].tolist() == [48.0, 48.0, 16.0]
        assert arrays["valid"].dtype == np.bool_
        assert arrays["pose"][0].tolist() == [1.0, -2.0, 0.5]
        assert arrays["blendshapes"].shape == (30, 52)
        assert np.isnan(arrays["blendshapes"]).all()


def test_measured_blendshapes_are_kept(samples: list[Sample], tmp_path: Path) -> None:
    with np.load(samples[0].tracks / "track.npz") as archive:
        arrays = dict(archive)
    save_arrays(tmp_path / "track.npz", **arrays, blendshapes=np.full((30, 52), 0.25, np.float16))
    save_arrays(tmp_path / "features.npz", pose=np.zeros((30, 3), np.float16))
    data = content(replace(samples[0], tracks=tmp_path))["lmk.npz"]
    assert isinstance(data, bytes)
    with np.load(io.BytesIO(data)) as found:
        assert found["blendshapes"][3, 3] == 0.25


def test_damaged_stage_files_give_one_sentence(samples: list[Sample], tmp_path: Path) -> None:
    stage = tmp_path / "tracks.0123456789ab"
    (stage / "00").mkdir(parents=True)
    (stage / "00" / "track.npz").write_bytes(b"not a zip file")
    said = rf"track\.npz cannot be read .*remove {stage}, and `tthd build-shards`"
    with pytest.raises(AccessError, match=said):
        content(replace(samples[0], tracks=stage / "00"))


@pytest.mark.parametrize("change", ["cut", "flip", "empty"])
def test_damaged_masks_are_not_packed(samples: list[Sample], tmp_path: Path, change: str) -> None:
    data = bytearray(samples[0].masks.read_bytes())
    if change == "flip":
        data[200] ^= 0xFF
    else:
        del data[len(data) // 2 if change == "cut" else 0 :]
    (tmp_path / "masks.npz").write_bytes(data)
    with pytest.raises(AccessError, match=rf"masks\.npz cannot be read .*remove {tmp_path}, and"):
        content(replace(samples[0], masks=tmp_path / "masks.npz"))


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_json({"b": 1, "a": "ཀ"}) == canonical_json({"a": "ཀ", "b": 1})
    assert canonical_json({"a": "ཀ"}) == b'{"a":"\xe0\xbd\x80"}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


@pytest.mark.parametrize("key", ["", "a.b", "Item_0001", "a b", "ཀ", "_a", "a/b", "x" * 81])
def test_keys_that_a_tar_reader_would_split_or_fold_are_refused(key: str) -> None:
    with pytest.raises(UsageError, match="cannot be the key of a sample"):
        check_key(key)


def test_a_piece_of_a_longer_video_has_its_own_text_or_none(stage_files: Path) -> None:
    clip = clip_of(stage_files, "item-0_0000")
    item = clip.item.model_copy(update={"text_of": "item"})
    piece = sample_of(replace(clip, item=item))
    assert (piece.text, piece.record["text_of"]) == ("", "item")
    assert piece.record["text_raw"] == clip.item.text
    said = AlignmentPart(backend="corpus", text="ཤིས")
    placed = sample_of(replace(clip, item=item).with_part(said))
    assert (placed.text, placed.record["text_of"]) == ("ཤིས", "clip")
    whole = item.model_copy(update={"duration_s": clip.span.duration_s})
    assert sample_of(replace(clip, item=whole)).text == clip.item.text_norm
    assert sample_of(clip).text == clip.item.text_norm  # a reviewer has written it for this clip
