"""The command that installs an optional extra, from where this package itself came."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlparse


def install_command(extra: str) -> str:
    """``python -m pip install …`` for an extra: out of the checkout where there is one."""
    return f"python -m pip install {shlex.quote(f'{_origin()}[{extra}]')}"


def _origin() -> str:
    """The folder that the package was installed from, or its name on the package index."""
    name = "tthd-tools"
    try:
        direct = distribution(name).read_text("direct_url.json")
        address = urlparse(json.loads(direct or "{}").get("url", ""))
    except (PackageNotFoundError, ValueError, AttributeError):
        return name
    folder = Path(unquote(address.path))
    is_checkout = address.scheme == "file" and (folder / "pyproject.toml").is_file()
    return str(folder) if is_checkout else name
