"""The public list of consents is read; a private registry is turned away at its first line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest import sample
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.manifest import Consent, check, read_consents

HEADER = "consent_id,speaker_id,scope,tier,form_version,status"
ROW = f"{sample.CONSENT},{sample.SPEAKER},train_research face_geometry,gated,v2,granted"
PRIVATE = "consent_id,speaker_ref,form_version,granted_on,method,evidence_uri"


def written(path: Path, *lines: str) -> Path:
    file = path / "consents.csv"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def test_consents_are_read_by_their_id(tmp_path: Path) -> None:
    assert read_consents(written(tmp_path, HEADER, ROW)) == {
        sample.CONSENT: Consent(
            consent_id=sample.CONSENT,
            speaker_id=sample.SPEAKER,
            scope=frozenset({"train_research", "face_geometry"}),
            tier="gated",
            form_version="v2",
            status="granted",
        )
    }


def test_a_list_may_be_empty_and_its_scopes_too(tmp_path: Path) -> None:
    assert read_consents(written(tmp_path, HEADER)) == {}
    row = ROW.replace("train_research face_geometry", "")
    (consent,) = read_consents(written(tmp_path, HEADER, row, "")).values()
    assert consent.scope == frozenset()


@pytest.mark.parametrize("between", [" ", ";", "|", "; "])
def test_scopes_may_be_parted_in_several_ways(between: str, tmp_path: Path) -> None:
    row = ROW.replace(" ", between)
    (consent,) = read_consents(written(tmp_path, HEADER, row)).values()
    assert consent.scope == {"train_research", "face_geometry"}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([HEADER.replace("tier", "teir"), ROW], "begins with 'consent_id,speaker_id,scope,teir,"),
        ([HEADER, ROW.replace("gated", "gatd")], ":2 tier cannot be 'gatd'; did you mean 'gated'?"),
        ([HEADER, ROW.replace("con_", "c_")], ":2 consent_id cannot be 'c_k3xa7bq2mnop'"),
        (
            [HEADER, ROW.replace("face_geometry", "face_geom")],
            ":2 scope cannot be 'face_geom'; did you mean 'face_geometry'?",
        ),
        ([HEADER, ROW + ",x"], ":2 has 7 cells and not 6; correct that line"),
        ([HEADER, ROW, ROW], f":3 lists {sample.CONSENT} a second time; keep one of the rows"),
        ([HEADER, '"'], "cannot be used as a list of consents: is no CSV ("),
        ([], "begins with '' and not with"),
    ],
)
def test_a_list_that_cannot_be_used_is_one_sentence(
    lines: list[str], sentence: str, tmp_path: Path
) -> None:
    path = written(tmp_path, *lines)
    with pytest.raises(UsageError) as caught:
        read_consents(path)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("header", [PRIVATE, f"{HEADER},expires_on", "Speaker_Ref,x"])
def test_a_private_registry_is_not_read(header: str, tmp_path: Path) -> None:
    path = written(tmp_path, header, "con_a,Tenzin of Xiahe,v1,2026-01-01,signed,/safe/a.pdf")
    with pytest.raises(RefusedError) as caught:
        read_consents(path)
    assert "is a private registry, and nothing more of it was read" in str(caught.value)
    assert "Tenzin" not in str(caught.value)


def test_a_check_reads_no_registry_that_lies_about(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    for place in (tmp_path / "registry.csv", folder / "registry.csv"):
        place.write_text(f"{PRIVATE}\n")  # reading it would be refused
    assert check([folder]).codes == {}
    with pytest.raises(UsageError):
        check([folder], consents=tmp_path / "absent.csv")
