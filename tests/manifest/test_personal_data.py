"""What looks like a contact or an identity number, and what only resembles one."""

from __future__ import annotations

import pytest

from tthd_tools.manifest.personal_data import find_personal_data


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("mail tenzin.d@example.org please", "an e-mail address", "'te…'"),
        ("tenzin (at) example.org", "an e-mail address", "'te…'"),
        ("tenzin＠example.org", "an e-mail address", "'te…'"),
        ("call +86 139 1234 5678", "a phone number", "'+8…'"),
        ("0898-123-45678", "a phone number", "'08…'"),
        ("(0976) 222 33 44", "a phone number", "'(0…'"),
        ("༠༨༩༨༡༢༣༤༥༦༧", "a phone number", "'08…'"),
        ("id 63010219900101123X", "an identity number", "'63…'"),
        ("123-45-6789", "an identity number", "'12…'"),
        ("WeChat: norbu_88", "an account", "'We…'"),
        ("WeChat id : norbu_88", "an account", "'We…'"),
        ("whatsapp = +97798", "an account", "'wh…'"),
        ("微信：zhaxi123", "an account", "'微信…'"),
    ],
)
def test_contacts_and_numbers_are_found_and_hidden(text: str, kind: str, shown: str) -> None:
    assert find_personal_data(text) == (kind, shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "recorded at home, second take",
        "recorded 2026-01-15 to 2026-02-20",
        "15.01.2026, 14:30:00, take 12 of 300",
        "29.97 fps, 1920x1080, 48000 Hz, f/2.8",
        "see https://example.org/watch/123456789",
        "file IMG_20260115_123456.mp4",
        "speakers @ home",
        "Canon EOS R5, RF 24-105",
        "telegram from the village",
        "རྒྱལ་ས་ལྷ་ས། ༢༠༢༦",
        "speaker 1234567",
    ],
)
def test_dates_names_and_measures_are_not(text: str) -> None:
    assert find_personal_data(text) is None
