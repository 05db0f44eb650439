"""What a submission and its items may say: the two models, from which the JSON Schemas are made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field, Strict

from tthd_tools.rights import Tier

SCHEMA = "tthd-manifest/1.0"
SUBMISSION_FILE = "submission.yaml"
ITEMS_FILES = ("items.csv", "items.jsonl")
UNKNOWN_SPEAKER = "spk_unknown"
FREE_PREFIX = "x_"
LONGEST_TEXT = 100_000

RightsBasis = Literal[
    "unknown",
    "speaker_consent",
    "rights_holder_permission",
    "open_licence",
    "public_domain",
    "research_exception",
]
Emotion = Literal[
    "neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "contempt",
    "other", "unsure",
]  # fmt: skip

Sha256 = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="64 lower-case hexadecimal digits")
]
ItemId = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{2,62}$",
        description="3 to 63 lower-case letters, digits, '_' and '-', a letter or digit first",
    ),
]
SpeakerId = Annotated[
    str,
    Field(
        pattern=r"^(spk_[a-z2-7]{12}|spk_unknown)$",
        description="'spk_' and 12 of a-z and 2-7 (`tthd manifest speaker-id` makes it), "
        "or spk_unknown",
    ),
]
ConsentId = Annotated[
    str, Field(pattern=r"^con_[a-z2-7]{12}$", description="'con_' and 12 of a-z and 2-7")
]
Path200 = Annotated[
    str,
    Field(
        pattern=r"^[ -\[\]-~]{1,200}$",
        description="a relative path in ASCII with '/', at most 200 characters",
    ),
]
Language = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$",
        max_length=60,
        description="a BCP-47 language tag, such as bo, adx-x-xiahe or de",
    ),
]
Bool = Annotated[bool, Strict(), Field(description="true or false")]
Share = Annotated[float, Strict(), Field(ge=0, le=1, description="a number from 0 to 1")]
Seconds = Annotated[float, Strict(), Field(ge=0, description="a number of seconds, 0 or more")]
Ticks = Annotated[int, Strict(), Field(ge=0, le=2**53, description="a whole number, 0 or more")]
Intensity = Annotated[int, Strict(), Field(ge=0, le=3, description="a whole number from 0 to 3")]


def _text(longest: int) -> Any:
    return Field(max_length=longest, description=f"text of at most {longest} characters")


class Model(BaseModel):
    """A frozen record that knows no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Contributor(Model):
    """Who sends it: a handle or a slug that everybody may see, never an e-mail or a phone."""

    handle: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}$",
            description="a forge handle or a lab's slug: letters, digits, '.', '_' and '-'",
        ),
    ]
    kind: Literal["individual", "lab", "archive", "broadcaster"]


class ConsentPolicy(Model):
    """The form that the speakers have agreed to."""

    version: Annotated[str, _text(80)]
    sha256: Sha256
    languages: Annotated[
        tuple[Language, ...],
        Field(min_length=1, max_length=50, description="a list of language tags"),
    ]


class Collection(Model):
    """How it was recorded."""

    setting: Literal["studio", "home", "outdoor", "broadcast", "conference", "other"] | None = None
    elicitation: Literal["read", "acted", "interview", "spontaneous", "monologue"] | None = None
    period: (
        Annotated[
            str,
            Field(
                pattern=r"^\d{4}(-\d\d){0,2}/\d{4}(-\d\d){0,2}$",
                description="two dates with '/' between, such as 2024-05/2024-08",
            ),
        ]
        | None
    ) = None


class Submission(Model):
    """``submission.yaml``: the rights of all its items, once."""

    schema_version: Literal["tthd-manifest/1.0"] = Field(alias="schema")
    submission_id: Annotated[
        str,
        Field(
            pattern=r"^sub_\d{8}_[a-z0-9-]{3,32}$",
            description="sub_YYYYMMDD_name, the name 3 to 32 lower-case letters, digits and '-'",
        ),
    ]
    contributor: Contributor
    rights_basis: RightsBasis
    license: Annotated[
        str, Field(min_length=1, max_length=200, description="an SPDX licence expression")
    ]
    license_file: Path200 | None = None
    consent_policy: ConsentPolicy | None = None
    access_tier_max: Tier
    source_kind: Literal["files", "url_crop"] = "files"
    items: Literal["items.csv", "items.jsonl"]
    collection: Collection = Collection()
    notes: Annotated[str, _text(2000)] = ""
    other: dict[str, Any] = {}  # the contributor's own fields, whose names begin with x_


class EmotionSegment(Model):
    """An emotion of a piece, in seconds from the first video frame, the end exclusive."""

    label: Emotion
    intensity: Intensity | None = None
    start_s: Seconds
    end_s: Seconds


class PtsSegment(Model):
    """A piece that may be used: ticks of ``timebase`` from the first video frame, end exclusive.

    ``bbox_norm`` is left, top, right, bottom of the face in 0..1 of the picture.
    """

    start_pts: Ticks
    end_pts: Ticks
    timebase: Annotated[
        str,
        Field(
            pattern=r"^[1-9]\d{0,8}/[1-9]\d{0,8}$",
            description="a fraction of a second, such as 1/25",
        ),
    ]
    bbox_norm: (
        Annotated[
            tuple[Share, Share, Share, Share],
            Field(description="left, top, right and bottom, each from 0 to 1"),
        ]
        | None
    ) = None


class ManifestItem(Model):
    """One row of ``items.csv`` or ``items.jsonl``: one source video."""

    item_id: ItemId
    path: Path200 | None = None
    source_url: Annotated[str, _text(500)] | None = None
    source_id: Annotated[str, _text(200)] | None = None
    sha256: Sha256 | None = None
    speaker_id: SpeakerId
    consent_id: ConsentId | None = None
    speaker_is_adult: Bool
    other_people_visible: Literal["none", "blurred", "consented", "unconsented"]
    synthetic: Literal["no", "voice", "face", "both", "unknown"]
    access_tier: Tier
    language: Language
    dialect: (
        Annotated[
            str,
            Field(
                pattern=r"^[a-z0-9-]{1,32}$",
                description="u-tsang, amdo, kham, other or unknown for Tibetan, else a name of "
                "lower-case letters, digits and '-'",
            ),
        ]
        | None
    ) = None
    locality: Annotated[str, _text(200)] = ""
    dialect_source: Literal["self_reported", "contributor", "reviewer", "model"]
    text_raw: Annotated[str, _text(LONGEST_TEXT)] = ""
    text_status: Literal["none", "prompt", "asr_unverified", "human", "human_verified"]
    text_source: Annotated[str, _text(200)] = ""
    register_: Literal["colloquial", "honorific", "literary", "liturgical"] | None = Field(
        None, alias="register"
    )
    emotion: Emotion | None = None
    emotion_intensity: Intensity | None = None
    emotion_origin: Literal["intended", "perceived", "self_reported"] | None = None
    emotion_segments: Annotated[
        tuple[EmotionSegment, ...],
        FailFast(),
        Field(max_length=1000, description="a list of {label, intensity, start_s, end_s}"),
    ] = ()
    fps: (
        Annotated[float, Strict(), Field(gt=0, le=1000, description="a number of frames a second")]
        | None
    ) = None
    width: (
        Annotated[int, Strict(), Field(gt=0, le=16384, description="a whole number of pixels")]
        | None
    ) = None
    height: (
        Annotated[int, Strict(), Field(gt=0, le=16384, description="a whole number of pixels")]
        | None
    ) = None
    duration_s: (
        Annotated[float, Strict(), Field(gt=0, le=1e6, description="a number of seconds above 0")]
        | None
    ) = None
    segments: Annotated[
        tuple[PtsSegment, ...],
        FailFast(),
        Field(max_length=1000, description="a list of {start_pts, end_pts, timebase, bbox_norm}"),
    ] = ()
    recorded_on: (
        Annotated[
            str,
            Field(
                pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="a month as YYYY-MM without a day"
            ),
        ]
        | None
    ) = None
    device: Annotated[str, _text(80)] = ""
    notes: Annotated[str, _text(500)] = ""
    other: dict[str, Any] = {}  # the contributor's own fields, whose names begin with x_


def names_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that a contributor may write, as they are spelled in a manifest."""
    return tuple(
        field.alias or name for name, field in model.model_fields.items() if name != "other"
    )


SUBMISSION_FIELDS = names_of(Submission)
COLUMNS = names_of(ManifestItem)
TOOL_FIELDS = (
    "probe", "text_norm", "text_ewts", "syllable_count", "sync", "face", "audio", "dups", "shard",
    "split", "first_release", "state",
)  # fmt: skip
"""What the tool finds out by itself: never taken from a contributor."""
