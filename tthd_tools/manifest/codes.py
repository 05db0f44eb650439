"""The rule catalogue: each code with its severity, and what ``tthd explain`` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tthd_tools.manifest.findings import Severity


class Rule(NamedTuple):
    """One code. ``fixed`` severities cannot be moved in ``tthd.toml``."""

    severity: Severity
    title: str
    meaning: str
    action: str
    fixed: bool = False


def _error(title: str, meaning: str, action: str) -> Rule:
    return Rule("error", title, meaning, action)


def _warning(title: str, meaning: str, action: str) -> Rule:
    return Rule("warning", title, meaning, action)


def _always(title: str, meaning: str, action: str) -> Rule:
    """An error in every project: rights, or a file that could not be read as it is meant."""
    return Rule("error", title, meaning, action, fixed=True)


FILES: Mapping[str, Rule] = {
    "M001": _always(
        "not_utf8",
        "The file is not UTF-8, the one encoding that holds every script: the finding names the "
        "first byte that does not fit, or says that it is UTF-16 (a spreadsheet's Unicode text).",
        'Save the sheet as "CSV UTF-8"; `tthd manifest fix` mends UTF-16.',
    ),
    "M002": _warning(
        "spreadsheet_text",
        "The file was written by a spreadsheet or an editor on Windows: a byte order mark, CRLF "
        "line ends, or semicolons or tabs between the columns. It is read all the same.",
        "`tthd manifest fix` writes it as plain UTF-8 with commas and LF.",
    ),
    "M003": _error(
        "unknown_field",
        "A field or a column that manifests do not have, perhaps a misspelt one. Names that begin "
        "with x_ are yours and never refused.",
        "Correct the name, or put x_ before it.",
    ),
    "M004": _always(
        "missing_field",
        "A field that must be there is missing or empty, or another field makes it necessary.",
        "Fill it in; the table of fields is in manifests/README.md.",
    ),
    "M005": _always(
        "bad_value",
        "The value is none of those that the field may have, or has another form. Spreadsheets "
        "turn months and numbers into dates and decimal commas: format such columns as text.",
        "Write one of the values that the finding names.",
    ),
    "M006": _always(
        "bad_item_id",
        "An item_id has 3 to 63 lower-case ASCII letters, digits, '_' and '-'. It becomes the key "
        "of samples in tar files, where a dot would cut it in two.",
        "Take the id that the finding suggests, or another one.",
    ),
    "M007": _always(
        "item_id_used",
        "Another item has this id: in the same file, in another submission, in the list of used "
        "ids or among the withdrawals; or it was another video in this workspace before. Ids are "
        "never used again, so that nobody takes one for another.",
        "Give the item a new id, also where the video was exported anew; where it was withdrawn, "
        "take the row out, under any id.",
    ),
    "M008": _always(
        "unsafe_path",
        "A path must stay inside the submission's folder: relative, with '/', in ASCII, without "
        "'..', links and backslashes. Other systems read other paths in other ways.",
        "Move or rename the file, then write its path below the submission's folder.",
    ),
    "M060": _error(
        "formula_cell",
        "A cell begins with = + - or @, which a spreadsheet would run as a formula when somebody "
        "opens the file.",
        "Remove the sign, or put an apostrophe before it.",
    ),
    "M061": _error(
        "tool_field",
        "The field holds what the tool finds out by itself (probe, text_norm, sync, shard, …) and "
        "is never taken from a contributor.",
        "Remove the column.",
    ),
    "M062": _always(
        "manifest_missing",
        "A folder of a submission holds submission.yaml and the file of items that it names, as "
        "plain files, not as links, and nothing else is read.",
        "Put the file there, under that name.",
    ),
    "M063": _always(
        "not_parsable",
        "The file does not follow the rules of YAML, JSON or CSV from the line on that the finding "
        "names; what comes after it was not read.",
        "Correct that line: most often a quote, a bracket or a comma is missing.",
    ),
    "M064": _always(
        "too_large",
        "The file, a line, a cell, a number or the nesting is larger than any manifest needs. "
        "Nothing beyond that was read.",
        "Make it smaller: split the submission, or the video with its transcript.",
    ),
    "M065": _always(
        "duplicate_key",
        "A key or a column stands there twice, and readers differ on which one counts.",
        "Keep one of them.",
    ),
    "M066": _always(
        "yaml_construct",
        "submission.yaml uses an anchor, an alias, a tag, a merge key or a second document. They "
        "can build huge or active things from a short text, and no manifest needs them.",
        "Write the values out as plain text.",
    ),
    "M067": _always(
        "control_character",
        "A text holds control characters, marks that turn the direction of writing (so that it "
        "looks like another one), or half characters.",
        "Type the text again without them, or paste it as plain text.",
    ),
}

MEDIA: Mapping[str, Rule] = {
    "M009": _error(
        "file_missing",
        "The file that a row names is not in the raw folder, or is no regular file.",
        "Put it there, or correct the path or remove the row.",
    ),
    "M010": _error(
        "sha256_differs",
        "The file's bytes are not those that the manifest describes: it was changed or damaged "
        "after its sha256 was written down, or another file has its name.",
        "Send the file that was described, or correct its sha256.",
    ),
    "M011": _warning(
        "same_file",
        "Two items have the same file, or pictures and sound that are almost the same.",
        "Keep one of the two rows.",
    ),
    "M012": _error(
        "media_undecodable",
        "The file cannot be decoded to its end: no video, no sound, or it is cut off.",
        "Copy or export it again from where it is whole.",
    ),
    "M013": _warning(
        "variable_frame_rate",
        "Frames have no even distance in time. Clips are made at 25 fps, so frames will be "
        "repeated or skipped.",
        "Nothing; a recording with a constant rate is better, if you have it.",
    ),
    "M014": _error(
        "bad_duration",
        "The video is shorter than 1 second or longer than 4 hours.",
        "Cut it, or leave it out.",
    ),
    "M015": _warning(
        "small_picture",
        "The short side of the picture is under 360 pixels: the face will be small.",
        "Send the original, if what you sent was made smaller.",
    ),
    "M016": _error(
        "facts_differ",
        "fps, width, height or duration_s of the row are not those of the file.",
        "Correct the row, or leave the field empty: the file is measured anyway.",
    ),
    "M017": _warning(
        "terms_unclear",
        "The file carries Content Credentials (C2PA) whose terms of training could not be read "
        "here, or set conditions. No signature is checked, and nothing is fetched.",
        "Look at the file with a C2PA viewer, and remove the row if training is not allowed.",
    ),
    "M030": _always(
        "training_not_allowed",
        "The file itself carries a signed statement (C2PA, CAWG training and data mining) that "
        "training on it is not allowed.",
        "Remove the row, or get the file from its owner without that statement.",
    ),
}

RIGHTS: Mapping[str, Rule] = {
    "M020": _error(
        "not_spdx",
        "The licence is no SPDX expression in its usual spelling. A licence that SPDX does not "
        "list is LicenseRef- and a name of letters, digits, '.' and '-'.",
        "Write the id that the finding suggests, or look it up on spdx.org/licenses.",
    ),
    "M021": _error(
        "licence_file_missing",
        "A licence of your own (LicenseRef-…) says nothing until its text is there.",
        "Put the text beside submission.yaml and name it in license_file.",
    ),
    "M022": _error(
        "licence_too_narrow",
        "The licence does not allow the tier. Clips are changed versions of a video, so ND allows "
        "`internal` alone; NC allows `internal`, `gated` and `registered`, where users agree.",
        "Name a narrower tier, or a licence that allows it.",
    ),
    "M023": _always(
        "consent_id_missing",
        "The submission rests on the speakers' consent, so each row names the consent it has.",
        "Fill in consent_id.",
    ),
    "M024": _always(
        "consent_unknown",
        "The consent is not in the public list of consents (consents.csv), or another speaker gave "
        "it.",
        "Correct consent_id or speaker_id, or ask who keeps the registry to publish the consent.",
    ),
    "M025": _always(
        "consent_ended",
        "The speaker has withdrawn the consent, or it has expired.",
        "Remove the row; a new consent has a new consent_id.",
    ),
    "M026": _always(
        "consent_too_narrow",
        "The row asks for a wider tier than the speaker has agreed to.",
        "Write the consent's tier in access_tier.",
    ),
    "M027": _always(
        "withdrawn",
        "The speaker, the consent or this very file is on the list of withdrawals, or these bytes "
        "were withdrawn before under another name. They are refused, whoever sends them (exit code "
        "5 of `tthd manifest check`).",
        "Remove the row, and delete the file.",
    ),
    "M028": _always(
        "not_adult",
        "The speaker is no adult and the consent is not a guardian's (scope `guardian`).",
        "Get a guardian's consent, or remove the row.",
    ),
    "M029": _always(
        "unconsented_person",
        "Somebody is seen who has not agreed to it.",
        "Blur or cut that person, then correct other_people_visible and sha256.",
    ),
    "M031": _error(
        "personal_data",
        "A free text looks like an e-mail address, a phone number, an account or a number of an "
        "identity card. Manifests are public. The finding hides the most of it.",
        "Remove it; what must be known about a speaker belongs into the private registry.",
    ),
    "M032": _always(
        "rights_too_narrow",
        "The rights do not reach so far: unknown rights and unknown speakers are for the tier "
        "`internal` alone, a research exception for `gated`; and who has consented is not unknown.",
        "Narrow the tier, or say what the rights are and who speaks.",
    ),
    "M033": _always(
        "tier_above_submission",
        "The row asks for a wider tier than access_tier_max of its submission.",
        "Narrow access_tier.",
    ),
    "M034": _error(
        "url_not_allowed",
        "source_url must begin with https:// and name a host of the project's list (tthd.toml, "
        "[manifests] hosts). It is never fetched here.",
        "Give the address of the page where the video is published.",
    ),
    "M035": _always(
        "path_listed_twice",
        "Two rows describe the same file, so nobody knows which one holds.",
        "Keep one row; several pieces of one video are its `segments`.",
    ),
    "M036": _always(
        "bytes_listed_twice",
        "Two rows, of one submission or of two, describe the same bytes under different names, so "
        "nobody knows whose rights and whose consent hold: neither comes in.",
        "Keep one row; several pieces of one video are its `segments`.",
    ),
}

LANGUAGE: Mapping[str, Rule] = {
    "M040": _error(
        "dialect_contradicts",
        "Language tag and dialect do not fit together: adx is amdo, khg is kham, bo is u-tsang.",
        "Correct the one that is wrong.",
    ),
    "M041": _error(
        "wrong_language_tag",
        "The language has a shorter or a proper tag: bo for Tibetan, not tib, bod or zh-bo.",
        "Write the tag that the finding names.",
    ),
    "M042": _error(
        "no_tibetan_letter",
        "The language is Tibetan but the transcript has no Tibetan letter (U+0F40 to U+0F6C).",
        "Write the transcript in Tibetan script; `tthd text from-wylie` converts Wylie.",
    ),
    "M043": _warning(
        "look_alikes",
        "The transcript holds invisible characters, or characters of other scripts that look like "
        "Tibetan ones.",
        "`tthd manifest fix` replaces those that have one meaning.",
    ),
    "M044": _warning(
        "discouraged_code_points",
        "The transcript holds code points that Unicode discourages for Tibetan (U+0F77, U+0F79, "
        "U+0F73, U+0F75, U+0F81), for which there are two ways to write the same.",
        "`tthd manifest fix` replaces them.",
    ),
    "M045": _warning(
        "no_base_letter",
        "A vowel sign or a subjoined letter stands without a letter that carries it: a letter is "
        "missing, or two are in the wrong order.",
        "Look at the place that the finding names and type the syllable again.",
    ),
    "M046": _warning(
        "long_syllable",
        "A syllable has more than seven stacks, more than any Tibetan syllable has.",
        "Put the missing tsheg between the syllables.",
    ),
    "M047": _warning(
        "speech_rate",
        "The transcript has far more or fewer syllables than can be spoken in the video.",
        "Check that it is the transcript of this file, and of the whole of it.",
    ),
    "M048": _warning(
        "latin_text",
        "The transcript of Tibetan speech is in Latin letters, perhaps Wylie.",
        "Convert it with `tthd text from-wylie`.",
    ),
}

LABELS: Mapping[str, Rule] = {
    "M050": _error(
        "emotion_origin_missing",
        "An emotion without its origin: an actor's intention is not what others perceive.",
        "Write intended, perceived or self_reported in emotion_origin.",
    ),
    "M051": _error(
        "intensity_contradicts",
        "Intensity 0 goes with neutral and calm alone, neutral has no other one, and without an "
        "emotion there is none.",
        "Correct the emotion or its intensity.",
    ),
    "M052": _error(
        "bad_pieces",
        "A piece of emotion_segments or segments ends before it begins, two pieces of "
        "emotion_segments overlap, or a box has no area.",
        "Correct the numbers of the piece that the finding names.",
    ),
}

RULES: Mapping[str, Rule] = {
    code: rule for group in (FILES, MEDIA, RIGHTS, LANGUAGE, LABELS) for code, rule in group.items()
}
