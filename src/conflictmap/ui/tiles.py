"""Online tiles behind the map: off unless the installation asks for them by name.

A tile server learns the address of every reader's machine and which part of the map is looked at.
So the page says that tiles are on, and the browser may ask the chosen hosts only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from conflictmap.errors import SettingsError
from conflictmap.settings import read_settings

_HOST = re.compile(r"(\{s\}\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?")
_PATH = re.compile(r"(/[\w.,:;@~+=&?%-]|/|[\w.,:;@~+=&?%-]|\{[sxyzr]\})+")


@dataclass(frozen=True)
class Tiles:
    """One source of tiles, as Leaflet is told of it."""

    name: str
    address: str
    """With ``{z}``, ``{x}`` and ``{y}``, and ``{s}`` where it has several hosts."""
    subdomains: tuple[str, ...]
    attribution: str
    """Plain text."""
    max_zoom: int

    @property
    def origins(self) -> tuple[str, ...]:
        """Return what the browser may ask: scheme and host, of each subdomain."""
        parts = urlsplit(self.address)
        origin = f"{parts.scheme}://{parts.netloc}"
        hosts = [origin.replace("{s}", part) for part in self.subdomains or ("",)]
        return tuple(dict.fromkeys(hosts))

    @property
    def note(self) -> str:
        """Return what a reader must know: where tiles come from, and what is learned there."""
        hosts = ", ".join(urlsplit(origin).netloc for origin in self.origins)
        return (
            f"Background tiles come from another machine ({hosts}). It learns the network address"
            " and the browser of each reader, the address of this dashboard and which part of the"
            " map is looked at, but no filter, figure or upload. Tiles draw borders of their own,"
            " which may differ from those of this map. Zoomed in, areas let the tiles shine"
            " through and look paler than in the legend."
        )


def chosen_tiles() -> Tiles | None:
    """Return the tiles of this installation; None: nothing comes from elsewhere."""
    return read_tiles(read_settings().tiles)


@lru_cache(maxsize=16)
def read_tiles(name: str) -> Tiles | None:
    """Return the tiles of a name that xyzservices knows, or of an address.

    Raises
    ------
    SettingsError
        If there are no such tiles, or they need a key.
    """
    if not name:
        return None
    return _from_address(name) if "//" in name else _from_provider(name)


def _from_address(address: str) -> Tiles:
    """Return the tiles of a server of one's own."""
    parts = urlsplit(address)
    path = address.split(parts.netloc, 1)[1] if parts.netloc else ""
    is_usable = (
        parts.scheme in ("http", "https")
        and _HOST.fullmatch(parts.netloc)
        and "{s}" not in parts.netloc
        and _PATH.fullmatch(path)
        and all(part in path for part in ("{x}", "{y}", "{z}"))
    )
    if not is_usable:
        raise SettingsError(
            f"CONFLICTMAP_TILES is '{address}', which is no address of tiles. "
            "Write it as https://tiles.example.org/{z}/{x}/{y}.png."
        )
    return Tiles(address, address, (), f"Tiles: {parts.netloc}", 19)


def _from_provider(name: str) -> Tiles:
    import xyzservices.providers as known  # only where tiles are wanted: it reads a long list

    try:
        provider = known.query_name(name)
    except ValueError as error:
        raise SettingsError(
            f"CONFLICTMAP_TILES is '{name}', and xyzservices has no such tiles. "
            "Give a name such as OpenStreetMap.Mapnik, an address, or leave it out."
        ) from error
    if provider.requires_token():
        raise SettingsError(
            f"CONFLICTMAP_TILES is '{name}', which needs a key, and a key in a web page is known to"
            " every reader. Give tiles without one, such as OpenStreetMap.Mapnik, or an address."
        )
    return Tiles(
        name=provider.name,
        address=provider.build_url(fill_subdomain=False),
        subdomains=tuple(provider.get("subdomains", "abc")) if "{s}" in provider.url else (),
        attribution=provider.attribution,
        max_zoom=int(provider.get("max_zoom", 18)),
    )
