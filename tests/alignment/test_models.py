"""Models are found by name or folder, offline; what is absent or not free is told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.alignment.tiny import TIBETAN, write_tiny
from tthd_tools import hub
from tthd_tools.alignment.catalogue import CTC_MODELS
from tthd_tools.alignment.models import lookup, resolve_model
from tthd_tools.errors import UsageError, WeightsError

pytest.importorskip("transformers", reason="pip install 'tthd-tools[ctc]'")


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache of another machine: nothing of this one's is seen."""
    cache = tmp_path / "hub"
    cache.mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


def cached(cache: Path, repository: str) -> Path:
    """Put a tiny model into the cache as the hub's own client would."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    home = cache / f"models--{repository.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    return write_tiny(home / "snapshots" / commit)


def test_a_folder_is_used_as_it_is(tmp_path: Path) -> None:
    found = resolve_model(str(write_tiny(tmp_path / "mine")))
    assert found.folder == tmp_path / "mine"
    assert found.licence == "unknown"
    assert len(found.facts["ctc weights model.safetensors"]) == 64
    assert {"ctc package torch", "ctc package transformers", "ctc weights vocab.json"} <= set(
        found.facts
    )


def test_another_weight_is_another_fact(tmp_path: Path) -> None:
    first = resolve_model(str(write_tiny(tmp_path / "one"))).facts
    second = resolve_model(str(write_tiny(tmp_path / "two", vocabulary=TIBETAN | {"ཡ": 18}))).facts
    assert first["ctc weights model.safetensors"] != second["ctc weights model.safetensors"]


def test_a_name_is_found_in_the_cache_of_the_hub(empty_cache: Path) -> None:
    folder = cached(empty_cache, "facebook/mms-1b-all")
    found = resolve_model("mms-1b-all")
    assert found.folder == folder
    assert (found.name, found.licence) == ("mms-1b-all", "CC-BY-NC-4.0")
    assert found.facts["ctc revision"] == "0123456789abcdef0123456789abcdef01234567"
    assert resolve_model("facebook/mms-1b-all").name == "mms-1b-all"


def test_auto_takes_free_models_alone(empty_cache: Path) -> None:
    cached(empty_cache, "facebook/mms-1b-all")
    cached(empty_cache, "aadel4/omniASR-CTC-300M-v2")
    with pytest.raises(WeightsError, match="`hf download P2Enjoy/omniASR-CTC-300M-transformers`"):
        resolve_model("auto")
    cached(empty_cache, "P2Enjoy/omniASR-CTC-300M-transformers")
    assert resolve_model("auto").name == "omnilingual-300m"


def test_an_absent_model_says_its_licence_and_what_to_type() -> None:
    with pytest.raises(WeightsError) as caught:
        resolve_model("mms-1b-all")
    assert str(caught.value) == (
        "the CTC model facebook/mms-1b-all (licence: CC-BY-NC-4.0) is not on this machine; fetch "
        "it with `hf download facebook/mms-1b-all`, or name the folder that holds it"
    )


@pytest.mark.parametrize("name", ["omniASR_CTC_300M", "facebook/omniASR-CTC-7B"])
def test_a_fairseq2_checkpoint_is_refused_with_what_to_take_instead(name: str) -> None:
    with pytest.raises(UsageError, match="a fairseq2 checkpoint, which transformers cannot load"):
        resolve_model(name)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UsageError, match="no folder and no known CTC model; known are omni"):
        resolve_model("whisper")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="holds no model of transformers"):
        resolve_model(str(tmp_path))


def test_missing_packages_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"need torch, which is not installed; .*\[ctc\]"):
        resolve_model("auto")


def test_offline_forbids_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHD_OFFLINE", "1")
    with pytest.raises(WeightsError, match="is not on this machine"):
        resolve_model("mms-1b-all", download=True)


def test_the_catalogue_is_whole() -> None:
    assert len({one.name for one in CTC_MODELS}) == len(CTC_MODELS)
    for one in CTC_MODELS:
        assert lookup(one.name) is one
        assert one.repository.count("/") == 1
        assert one.licence
        assert one.pretraining
        assert not one.free or one.licence == "Apache-2.0"
        assert json.dumps(dict(one.codes))
    assert lookup("mms-1b-all").codes["bo"] == "bod"  # type: ignore[union-attr]
    assert lookup("omnilingual-300m").codes["adx"] == "adx_Tibt"  # type: ignore[union-attr]
