"""The served page: who gets it, what it gives, and that its decisions are in the logs."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import Tthd
from tests.review_page.browser import Page, Served
from tthd_tools.extras import install_command
from tthd_tools.review.events import MAX_LINE_BYTES

pytest.importorskip("starlette", reason="the extra review is not installed")
Start = Callable[..., Served]
SHA = "0" * 64


@pytest.fixture(scope="module")
def guarded(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of a copy: decisions change nothing for other tests."""
    copy = shutil.copytree(built, tmp_path_factory.mktemp("guarded") / "corpus")
    started = Served(copy / "work")
    yield started
    started.stop()


def ask(
    served: Served, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of an answer; ``token`` knows the token unless it is given."""
    link = http.client.HTTPConnection(served.host, timeout=20)
    sent = {"Authorization": f"Bearer {served.token}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    link.request(method, path, body, {name: value for name, value in sent.items() if value})
    answer = link.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    link.close()
    return found


def vote(clip_id: str, **fields: Any) -> bytes:
    """A vote as the page sends it."""
    data = {
        "event_id": "tashi-000001", "at": "2025-11-21T15:32:10.123Z", "actor": "tashi",
        "role": "reviewer", "item_id": clip_id[:-5], "clip_id": clip_id, "content_sha256": SHA,
        "guideline_version": "1", "event": "vote", "verdict": "accept",
    }  # fmt: skip
    return json.dumps(data | fields).encode()


def first_clip(served: Served) -> str:
    return str(json.loads(ask(served, "/data/queue.json")[2])["clips"][0]["clip_id"])


def test_only_who_knows_the_token_gets_in(guarded: Served) -> None:
    served = guarded
    assert len(served.token) >= 32
    for path in ("/", "/page/page.js", "/data/queue.json", "/clips/a.mp4", "/decisions"):
        assert ask(served, path, Authorization="")[0] == 401, path
        assert ask(served, path, Authorization="Bearer wrong")[0] == 403, path
        assert ask(served, path, Authorization="", Cookie="tthd_review_1=x")[0] == 401, path
    assert ask(served, "/?token=wrong", Authorization="")[0] == 403
    assert ask(served, f"/data/queue.json?token={served.token}", Authorization="")[0] == 403
    right = ask(served, f"/clips/a.mp4?token={served.token}", Authorization="")
    assert (right[0], b"only the address `/?token=" in right[2]) == (403, True)
    status, headers, _ = ask(served, f"/?token={served.token}", Authorization="")
    assert (status, headers["location"]) == (303, "/")
    assert "HttpOnly" in headers["set-cookie"]
    assert "SameSite=strict" in headers["set-cookie"]
    cookie = headers["set-cookie"].split(";")[0]
    assert ask(served, "/", Authorization="", Cookie=cookie)[0] == 200


def test_another_host_or_origin_is_refused(guarded: Served) -> None:
    served = guarded
    assert ask(served, "/", Host="evil.example")[0] == 421
    assert ask(served, "/", Host=f"evil.example:{served.host.split(':')[1]}")[0] == 421
    assert ask(served, "/", Host=f"localhost:{served.host.split(':')[1]}")[0] == 200
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"https://{served.host}"):
        assert ask(served, "/", Origin=origin)[0] == 403, origin
    assert ask(served, "/", Origin=f"http://{served.host}")[0] == 200
    assert ask(served, "/data/queue.js", Sec_Fetch_Site="cross-site")[0] == 403


def test_every_answer_says_what_it_is_and_what_may_be_done_with_it(guarded: Served) -> None:
    served = guarded
    clip_id = first_clip(served)
    kinds = {
        "/": "text/html; charset=utf-8",
        "/page/main.js": "text/javascript; charset=utf-8",
        "/page/page.css": "text/css; charset=utf-8",
        "/page/fonts/noto-serif-tibetan.woff2": "font/woff2",
        "/data/settings.js": "text/javascript; charset=utf-8",
        f"/clips/{clip_id}.js": "text/javascript; charset=utf-8",
        f"/clips/{clip_id}.mp4": "video/mp4",
        f"/clips/{clip_id}.jpg": "image/jpeg",
    }
    for path, kind in kinds.items():
        status, headers, body = ask(served, path)
        assert (status, headers["content-type"]) == (200, kind), path
        assert len(body) == int(headers["content-length"]) > 0
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
    assert ask(served, "/", Authorization="")[1]["x-content-type-options"] == "nosniff"


def test_parts_of_a_video_are_given(guarded: Served) -> None:
    served = guarded
    path = f"/clips/{first_clip(served)}.mp4"
    whole = ask(served, path)[2]
    status, headers, body = ask(served, path, Range="bytes=100-199")
    assert (status, body) == (206, whole[100:200])
    assert headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert ask(served, path, Range="bytes=-50")[2] == whole[-50:]
    assert ask(served, path, Range=f"bytes={len(whole)}-")[0] == 416


@pytest.mark.parametrize(
    "path",
    [
        "/../../workspace.json", "/page/../bundle.py", "/page/..%2f..%2fbundle.py",
        "/clips/../x.mp4", "/clips/..%2f..%2fworkspace.json", "/clips/nobody_0000.mp4",
        "/clips/nobody_0000.js", "/page/keymap.json", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
        "/page", "/index.html/", "/data/settings.json",
    ],
)  # fmt: skip
def test_no_path_leads_elsewhere(guarded: Served, path: str) -> None:
    assert ask(guarded, path)[0] == 404


def test_a_decision_is_appended_once(serve: Start, corpus: Path, tthd: Tthd) -> None:
    served = serve()
    line = vote(first_clip(served))
    for _ in range(2):
        assert ask(served, "/decisions", "POST", line, Content_Type="application/json")[0] == 201
    log = corpus / "work" / "reviews" / "local" / "decisions.tashi.jsonl"
    (stored,) = log.read_text(encoding="utf-8").splitlines()
    assert json.loads(stored)["prev_event_sha256"] == ""
    assert tthd("review", "status", "--work", corpus / "work").code == 0


def test_what_is_withdrawn_while_it_runs_is_shown_to_nobody_any_more(
    serve: Start, corpus: Path, tmp_path: Path
) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "WITHDRAWALS.jsonl").write_text("")
    served = serve("--manifests", str(lists))
    entries = json.loads(ask(served, "/data/queue.json")[2])["clips"]
    gone, stays = entries[0], entries[1]
    media = [f"/clips/{gone['clip_id']}.{suffix}" for suffix in ("mp4", "jpg", "js")]
    assert [ask(served, path)[0] for path in media] == [200, 200, 200]
    (lists / "WITHDRAWALS.jsonl").write_text(json.dumps({"item_id": gone["item_id"]}) + "\n")
    assert [ask(served, path)[0] for path in media] == [410, 410, 410]
    left = json.loads(ask(served, "/data/queue.json")[2])["clips"]
    assert [one["clip_id"] for one in left] == [stays["clip_id"]]
    send = {"Content_Type": "application/json"}
    status, _, body = ask(served, "/decisions", "POST", vote(gone["clip_id"]), **send)
    assert (status, body) == (400, b"this clip is not in the queue; load the page again")
    (lists / "WITHDRAWALS.jsonl").write_text(
        "".join(json.dumps({"item_id": one["item_id"]}) + "\n" for one in entries)
    )
    status, _, body = ask(served, f"/clips/{stays['clip_id']}.mp4")
    assert (status, b"none is shown" in body) == (410, True)
    assert json.loads(ask(served, "/data/queue.json")[2])["clips"] == []


def test_a_decision_of_tomorrow_or_with_the_id_of_another_is_not_taken(
    serve: Start, corpus: Path
) -> None:
    served = serve()
    clip_id, send = first_clip(served), {"Content_Type": "application/json"}
    future = vote(clip_id, at="2099-01-01T00:00:00.000Z")
    status, _, body = ask(served, "/decisions", "POST", future, **send)
    assert (status, b"which is still to come" in body) == (400, True)
    assert ask(served, "/decisions", "POST", vote(clip_id), **send)[0] == 201
    other = vote(clip_id, verdict="reject")
    status, _, body = ask(served, "/decisions", "POST", other, **send)
    assert (status, b"its id tashi-000001 is that of another event" in body) == (400, True)
    log = corpus / "work" / "reviews" / "local" / "decisions.tashi.jsonl"
    assert log.read_bytes().count(b"\n") == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b"", "application/json"),
        (400, b"[1]", "application/json"),
        (400, vote("nobody_0000"), "application/json"),
        (400, vote("nobody_0000", actor="../../x"), "application/json"),
        (413, b" " * (MAX_LINE_BYTES + 1), "application/json"),
        (415, b"{}", "text/plain"),
    ],
)
def test_what_is_no_decision_is_refused(
    guarded: Served, status: int, body: bytes, kind: str
) -> None:
    assert ask(guarded, "/decisions", "POST", body, Content_Type=kind)[0] == status


def test_a_queue_of_one_reviewer_takes_nobody_elses(serve: Start) -> None:
    served = serve("--reviewer", "pema")
    line = vote(first_clip(served))
    status, _, body = ask(served, "/decisions", "POST", line, Content_Type="application/json")
    assert (status, body) == (400, b"this queue is pema's, not tashi's")


def test_a_damaged_log_is_told_and_nothing_is_added(serve: Start, corpus: Path) -> None:
    served = serve()
    clip_id = first_clip(served)
    log = corpus / "work" / "reviews" / "local" / "decisions.tashi.jsonl"
    ask(served, "/decisions", "POST", vote(clip_id), Content_Type="application/json")
    log.write_bytes(log.read_bytes().replace(b"accept", b"reject"))
    again = vote(clip_id, event_id="tashi-000002")
    assert ask(served, "/decisions", "POST", again, Content_Type="application/json")[0] == 500
    assert log.read_bytes().count(b"\n") == 1


def test_ctrl_c_ends_it_and_says_what_was_taken(serve: Start) -> None:
    served = serve()
    ask(served, "/decisions", "POST", vote(first_clip(served)), Content_Type="application/json")
    served.process.send_signal(signal.SIGINT)
    out, err = served.process.communicate(timeout=20)
    assert served.process.returncode == 0
    assert out == ""
    assert err.endswith("1 decision taken\n")
    assert "Traceback" not in err


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_it_no_faces_are_left_behind(
    serve: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: signal.Signals
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("TMPDIR", str(cache))
    served = serve()
    assert ask(served, f"/clips/{first_clip(served)}.mp4")[0] == 200
    assert len(list(cache.glob("tthd-review-*/*.mp4"))) == 1
    served.process.send_signal(ending)
    _, err = served.process.communicate(timeout=20)
    assert (served.process.returncode, err.splitlines()[-1]) == (0, "0 decisions taken")
    assert list(cache.iterdir()) == []


def test_it_listens_to_this_machine_alone_unless_told(corpus: Path, tthd: Tthd) -> None:
    work = ("--work", corpus / "work")
    done = tthd("review", "serve", *work, "--host", "192.0.2.1")
    assert done.code == 2
    assert "add --i-know" in done.err
    done = tthd("review", "serve", *work, "--host", "0.0.0.0", "--i-know")
    assert done.code == 2
    assert "name one of them" in done.err


def test_a_port_that_is_taken_is_told(guarded: Served, built: Path, tthd: Tthd) -> None:
    done = tthd("review", "serve", "--work", built / "work", "--port", guarded.host.split(":")[1])
    assert done.code == 4
    assert "give another one with --port" in done.err


def test_missing_packages_are_one_sentence(
    corpus: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = tthd("review", "serve", "--work", corpus / "work")
    assert done.code == 2
    assert install_command("review") in done.err
    assert len(done.err.splitlines()) == 1


def test_a_review_in_the_browser_is_in_the_log_at_once(
    serve: Start, browser: Page, corpus: Path, tthd: Tthd
) -> None:
    served = serve("--reviewer", "tashi")
    browser.open(served.address)
    browser.js("localStorage.clear()")
    browser.open(served.address)
    first = browser.ready()
    assert browser.js("return location.href") == f"{served.origin}/"
    browser.play()
    browser.keys("a")
    second = browser.until_js(
        f"document.body.dataset.clip !== '{first}' && document.body.dataset.clip"
    )
    browser.keys("s", "u")
    browser.until_js("store.outbox.length === 0 && store.count() === 3")
    log = corpus / "work" / "reviews" / "local" / "decisions.tashi.jsonl"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(one["event"], one["clip_id"]) for one in lines] == [
        ("vote", first),
        ("vote", second),
        ("withdraw_vote", second),
    ]
    assert {one.split("/")[2] for one in browser.requests() if one.startswith("http")} == {
        served.host
    }
    browser.js("localStorage.clear()")
    browser.open(f"{served.origin}/")
    assert browser.ready() == second, "the server knows what was decided"
    assert browser.text("#progress-text") == "1 of 2 decided"
    browser.keys("s")
    browser.until_js("!document.body.dataset.clip && store.outbox.length === 0")
    assert browser.text("#end-next") == "Your decisions are saved."
    assert [one for one in browser.complaints() if "favicon" not in one] == []
    assert tthd("review", "status", "--work", corpus / "work", "--json").code == 0


def test_what_the_server_does_not_take_waits_in_the_browser(
    serve: Start, browser: Page, corpus: Path
) -> None:
    served = serve("--reviewer", "tashi")
    browser.open(served.address)
    browser.js("localStorage.clear()")
    browser.open(served.address)
    browser.ready()
    browser.js(
        "window.fetchOf = window.fetch; window.fetch = () => Promise.reject(new Error('off'))"
    )
    browser.keys("s")
    browser.until_js("!document.querySelector('#toast').hidden && store.outbox.length === 1")
    browser.js("window.fetch = window.fetchOf")
    browser.driver.refresh()
    browser.ready()
    browser.until_js("store.outbox.length === 0")
    log = corpus / "work" / "reviews" / "local" / "decisions.tashi.jsonl"
    assert log.read_bytes().count(b"\n") == 1
