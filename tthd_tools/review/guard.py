"""A request comes in; who may not see the clips is refused, and every answer gets safe headers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "tthd_review"
CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types tthd"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets through only who knows the token, from this very address; sets the headers of all.

    The token is taken from the address once, which then becomes a cookie that no script reads and
    no other site sends, or from ``Authorization: Bearer``.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Sequence[str]) -> None:
        self._app, self._token, self._hosts = app, token, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        from starlette.datastructures import MutableHeaders
        from starlette.requests import Request

        if scope["type"] != "http":
            return

        async def send_safely(message: Any) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope)
        refusal = self._refusal(request) or self._entrance(request)
        await (refusal or self._app)(scope, receive, send_safely)

    def _refusal(self, request: Request) -> Response | None:
        from starlette.responses import PlainTextResponse

        host = request.headers.get("host", "")
        origin = request.headers.get("origin")
        if host not in self._hosts:
            return PlainTextResponse("this server has another address", 421)
        if origin is not None and origin != f"http://{host}":
            return PlainTextResponse("not from another site", 403)
        site = request.headers.get("sec-fetch-site", "none")
        # A link on another site may lead here, but carries no cookie and needs the token.
        is_link = request.headers.get("sec-fetch-mode") == "navigate"
        if site not in ("none", "same-origin") and not is_link:
            return PlainTextResponse("not from another site", 403)
        return None

    def _entrance(self, request: Request) -> Response | None:
        """The refusal of who has no token; the way on for who brings it in the address."""
        from starlette.responses import PlainTextResponse, RedirectResponse

        cookie = f"{COOKIE}_{request.url.port or 80}"  # a browser shares cookies among ports
        given = request.query_params.get("token")
        if given is not None and request.url.path == "/" and self._is_token(given):
            response = RedirectResponse("/", 303)
            response.set_cookie(cookie, self._token, httponly=True, samesite="strict")
            return response
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        told = bearer if scheme.lower() == "bearer" else request.cookies.get(cookie)
        if told is None and given is None:
            return PlainTextResponse("open the address that `tthd review serve` has printed", 401)
        if given is not None and self._is_token(given):
            return PlainTextResponse("only the address `/?token=…` takes the token; open it", 403)
        if given is not None or not self._is_token(told or ""):
            return PlainTextResponse("this is not the token of this server", 403)
        return None

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token.encode())
