"""What keeps a server from starting: every unsafe setting, each with what to do about it.

A dashboard that others can reach needs a sign-in and the protections that Streamlit has. The
same check stands before `conflictmap serve` and `streamlit run app.py`, and in `conflictmap
doctor`. Messages name settings, never what a secret holds.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from streamlit import config

from conflictmap.errors import SettingsError
from conflictmap.settings import Settings

ENOUGH_SECRET = 32
"""Characters of a secret that signs or vouches."""
ENOUGH_TOKEN = 24

Option = Callable[[str], Any]

_MUST_BE = {
    "server.enableXsrfProtection": (True, "Protection against forged requests (XSRF) is off"),
    "server.enableCORS": (True, "Protection against requests from other sites (CORS) is off"),
    "browser.gatherUsageStats": (False, "Usage statistics would be sent to Streamlit's makers"),
    "server.enableAgentApi": (False, "The address for agents is open"),
    "global.developmentMode": (False, "Streamlit is in its development mode"),
}


def streamlit_option(name: str) -> Any:
    """Return an option of Streamlit as it will be once it is started.

    Options of the environment reach Streamlit through its command only; whoever looks before, or
    without it, finds them here.
    """
    value = config.get_option(name)
    text = os.environ.get(config._config_options_template[name].env_var)
    if text is None or config.get_where_defined(name) == _BY_COMMAND:
        return value
    if isinstance(value, bool):
        return text.strip().lower() in ("1", "t", "true", "y", "yes", "on")
    return text.split() if isinstance(value, list) else text


_BY_COMMAND = "command-line argument or environment variable"


def unsafe_settings(
    settings: Settings,
    *,
    option: Option = streamlit_option,
    environment: Mapping[str, str] = os.environ,
) -> list[str]:
    """Return a sentence for every setting with which the dashboard may not start; none: safe.

    Parameters
    ----------
    option
        Gives Streamlit's options by their names.
    environment
        For what neither `settings` nor Streamlit reads, such as FORWARDED_ALLOW_IPS.
    """
    found = [*_listening(settings, option), *_headers(settings, option, environment)]
    if settings.is_hosted:
        found += [*_options(option), *_addresses(settings, option), *_secrets(settings)]
    return found


def refuse_unsafe(settings: Settings, *, address: str | None = None) -> None:
    """Refuse to start with unsafe settings.

    Parameters
    ----------
    address
        Where to listen, if that is to be another address than Streamlit's options say.

    Raises
    ------
    SettingsError
        With all of them, a line each.
    """

    def option(name: str) -> Any:
        return address if address and name == "server.address" else streamlit_option(name)

    if found := unsafe_settings(settings, option=option):
        lines = "\n".join(f"- {sentence}" for sentence in found)
        raise SettingsError(f"The dashboard does not start with these settings:\n{lines}")


def take_hosted_options(settings: Settings) -> None:
    """Give Streamlit the options that follow from a hosted dashboard's settings, now and whenever
    it reads its configuration file again."""

    def take() -> None:
        given = {
            "client.showErrorDetails": "none",
            "client.allowedOrigins": [],  # no other site shows the dashboard or talks to its pages
            "server.allowedHosts": [urlsplit(settings.public_address).hostname],
            "server.cookieSecret": settings.cookie_secret,
        }
        for name, value in given.items():
            config.set_option(name, value, "the settings of a hosted dashboard")

    config.on_config_parsed(take, force_connect=True)
    take()


def is_loopback(host: str | None) -> bool:
    """Say whether a host can be reached from its own machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _listening(settings: Settings, option: Option) -> Iterator[str]:
    address = option("server.address")
    if not settings.is_hosted and not is_loopback(address):
        yield (
            f"It would listen on {_shown(address)} without a sign-in, open to everybody who can"
            " reach this machine. Use 127.0.0.1, or host it: see docs/hosting.md."
        )
    if settings.is_hosted and settings.sign_in == "none":
        yield (
            "CONFLICTMAP_HOSTED is 1 without a sign-in: everybody would be the administrator."
            " Set CONFLICTMAP_SIGN_IN to openid or headers."
        )


def _options(option: Option) -> Iterator[str]:
    for name, (safe, what) in _MUST_BE.items():
        if option(name) != safe:
            yield f"{what}. Set {name} to {str(safe).lower()}, or leave it out."
    details = option("client.showErrorDetails")
    # What the shipped file says for a laptop is replaced; what somebody asked for is refused.
    if details != "none" and not (details == "type" and _is_from_file("client.showErrorDetails")):
        yield (
            "Readers would see details of errors. Set client.showErrorDetails to none,"
            " or leave it out."
        )
    if str(option("server.xsrfCookieSameSite")).lower() == "none":
        yield "Cookies would be sent from other sites. Leave server.xsrfCookieSameSite out."


def _is_from_file(name: str) -> bool:
    return config.get_where_defined(name).endswith(".toml")


def _addresses(settings: Settings, option: Option) -> Iterator[str]:
    public = urlsplit(settings.public_address)
    is_named = public.scheme in ("http", "https") and public.hostname and "*" not in public.netloc
    if not is_named or public.username or public.query or public.fragment:
        yield (
            "CONFLICTMAP_PUBLIC_ADDRESS has to be the one address that readers type,"
            " such as https://map.example.org."
        )
    elif public.scheme != "https" and not is_loopback(public.hostname):
        yield "CONFLICTMAP_PUBLIC_ADDRESS is not encrypted. Put TLS before it and write https://."
    if any("*" in host for host in option("server.allowedHosts")):
        yield (
            "server.allowedHosts lets any host in. Leave it out:"
            " CONFLICTMAP_PUBLIC_ADDRESS names the one host."
        )
    if any("*" in origin for origin in option("server.corsAllowedOrigins")):
        yield "server.corsAllowedOrigins lets any site in. Leave it out."


def _secrets(settings: Settings) -> Iterator[str]:
    yield from _weak("CONFLICTMAP_COOKIE_SECRET", settings.cookie_secret, ENOUGH_SECRET)
    if settings.metrics_token:
        yield from _weak("CONFLICTMAP_METRICS_TOKEN", settings.metrics_token, ENOUGH_TOKEN)
    held = [settings.cookie_secret, settings.metrics_token, settings.proxy_secret]
    given = [secret for secret in held if secret]
    if len(set(given)) < len(given):
        yield "One secret stands for two things. Make each anew: openssl rand -hex 32."


def _headers(settings: Settings, option: Option, environment: Mapping[str, str]) -> Iterator[str]:
    if settings.sign_in == "headers":
        yield from _weak("CONFLICTMAP_PROXY_SECRET", settings.proxy_secret, ENOUGH_SECRET)
        if not settings.trusted_proxy:
            yield (
                "CONFLICTMAP_TRUSTED_PROXY is empty: nobody would be believed who signed in."
                " Give the address of the proxy, such as 127.0.0.1."
            )
    elif option("server.trustedUserHeaders"):
        yield (
            "server.trustedUserHeaders believes whoever sends them. Leave it out,"
            " and set CONFLICTMAP_SIGN_IN to headers with a proxy that strips them."
        )
    networks = [ipaddress.ip_network(part) for part in settings.trusted_proxy]
    if any(network.prefixlen == 0 for network in networks):
        yield "CONFLICTMAP_TRUSTED_PROXY trusts every address. Give that of the proxy."
    forwarded = environment.get("FORWARDED_ALLOW_IPS", "")
    if forwarded == "*" or any("/0" in part for part in forwarded.split(",")):
        yield (
            "FORWARDED_ALLOW_IPS believes everybody's word on where they come from."
            " Leave it out, or give the address of the proxy."
        )


def _weak(name: str, secret: str, enough: int) -> Iterator[str]:
    if len(secret) < enough or len(set(secret)) < 10:
        yield f"{name} has to be {enough} random characters or more: openssl rand -hex 32."


def _shown(address: object) -> str:
    return str(address) if address else "every address"
