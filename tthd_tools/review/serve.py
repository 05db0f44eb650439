"""The review page over HTTP: a bundle goes in, a web application for this machine comes out.

It shows what ``export`` writes, made when it is asked for, and appends decisions to the logs
itself. Whoever cannot name its token gets nothing, and a page of any other site is refused.
"""

from __future__ import annotations

import ipaddress
import secrets
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from tthd_tools.errors import AccessError, TthdError, UsageError
from tthd_tools.extras import install_command
from tthd_tools.review.bundle import script
from tthd_tools.review.desk import Desk
from tthd_tools.review.events import MAX_LINE_BYTES
from tthd_tools.review.export import page_files
from tthd_tools.review.guard import Guard

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def require_server() -> None:
    """Raises UsageError, with the command that helps, where the packages are not installed."""
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"`tthd review serve` needs {error.name}, which is not installed: "
            f"`{install_command('review')}`; `tthd review export` works without"
        ) from error


def make_app(desk: Desk, token: str, hosts: Sequence[str]) -> Starlette:
    """The web application; ``hosts`` are the values of the Host header that are served."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    answers = Answers(desk)
    routes = [
        Route("/", answers.page),
        Route("/data/settings.js", answers.settings),
        Route("/data/queue.js", answers.queue_script),
        Route("/data/queue.json", answers.queue),
        Route("/data/own/{handle}.json", answers.own),
        Route("/clips/{clip_id}.{suffix}", answers.clip),
        Route("/decisions", answers.decide, methods=["POST"]),
        Route("/{name:path}", answers.page),
    ]
    app = Starlette(routes=routes, exception_handlers={TthdError: answers.failed})
    app.add_middleware(Guard, token=token, hosts=hosts)
    return app


class Answers:
    """One method for each kind of address."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._files = desk, page_files()

    def page(self, request: Request) -> Response:
        """A file of the page."""
        return _file(self._files.get(request.path_params.get("name", "index.html")))

    def settings(self, request: Request) -> Response:
        """The script of the settings."""
        return _script("settings", self._desk.settings())

    def queue_script(self, request: Request) -> Response:
        """The script of the queue."""
        return _script("queue", self._desk.entries())

    def queue(self, request: Request) -> Response:
        """The queue as it is now."""
        return _json(self._desk.entries())

    def own(self, request: Request) -> Response:
        """What a reviewer has decided."""
        return _json(self._desk.own(request.path_params["handle"]))

    def clip(self, request: Request) -> Response:
        """The data, video or still of a clip."""
        clip_id, suffix = request.path_params["clip_id"], request.path_params["suffix"]
        if suffix == "js":
            sheet = self._desk.sheet(clip_id)
            if sheet is not None:
                return _script("clip", sheet)
        elif suffix in ("mp4", "jpg"):
            path = self._desk.media(clip_id, f".{suffix}")
            if path is not None:
                return _file(path)
        if self._desk.was_shown(clip_id) and clip_id not in self._desk.bundle.clips:
            return _words(self._desk.closed or "this clip is shown to nobody any more", 410)
        return _file(None)

    async def decide(self, request: Request) -> Response:
        """Take a decision."""
        from starlette.concurrency import run_in_threadpool

        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return _words("send application/json", 415)
        line = await _body(request)
        if line is None:
            return _words("this decision is too long", 413)
        try:
            event = await run_in_threadpool(self._desk.take, line)
        except UsageError as error:
            return _words(str(error), 400)
        return _json({"event_id": event.event_id}, 201)

    def failed(self, request: Request, error: Exception) -> Response:
        """The sentence of an error; a log that cannot be written may be mended meanwhile."""
        return _words(str(error), 500)


def _file(path: Path | None) -> Response:
    from starlette.responses import FileResponse

    if path is None:
        return _words("not found", 404)
    return FileResponse(path, media_type=TYPES[path.suffix])


def _script(kind: str, data: Mapping[str, Any]) -> Response:
    from starlette.responses import Response

    return Response(script(kind, data), media_type=TYPES[".js"])


def _json(data: Any, status: int = 200) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(data, status)


def _words(sentence: str, status: int) -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse(sentence, status)


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is longer than any decision."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > MAX_LINE_BYTES:
            return None
    return bytes(found)


def run_server(desk: Desk, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until it is interrupted; ``on_ready`` is told the address with its token.

    Port 0 takes any that is free. Raises UsageError for an address that is no single one of this
    machine, AccessError where the port cannot be had.
    """
    import uvicorn

    token = secrets.token_urlsafe(24)
    with _listener(host, port) as listener:
        port = listener.getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        app = make_app(desk, token, [f"{one}:{port}" for one in (*LOCAL_HOSTS, name)])
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="off",
            ws="none",
        )  # fmt: skip
        on_ready(f"http://{name}:{port}/?token={token}")
        with suppress(KeyboardInterrupt):  # it has closed every connection before it says so
            uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def interrupted_by_any_end() -> Iterator[None]:
    """Let a polite kill, or a closed terminal, end it as Ctrl-C does: nothing is left behind.

    For the main thread alone. Whoever ignores a signal, as nohup does, goes on to do so.
    """

    def hang_up(number: int, frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGTERM)  # which a running server takes as the wish to end

    wanted: dict[signal.Signals, Callable[[int, FrameType | None], None]] = {
        signal.SIGTERM: signal.default_int_handler,
        signal.SIGHUP: hang_up,
    }
    before = {one: signal.getsignal(one) for one in wanted}
    changed = [one for one in wanted if before[one] != signal.SIG_IGN]
    for one in changed:
        signal.signal(one, wanted[one])
    try:
        yield
    finally:
        for one in changed:
            signal.signal(one, before[one])


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens: who comes before the server is up waits a moment."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if ipaddress.ip_address(found[4][0]).is_unspecified:
            raise UsageError(f"{host} is every address of this machine; name one of them")
        return socket.create_server(found[4][:2], family=found[0])
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise AccessError(
            f"port {port} of {host} cannot be had ({why.lower()}); give another one with --port"
        ) from error
