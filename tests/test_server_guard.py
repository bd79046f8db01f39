"""A hosted dashboard does not start with unsafe settings, and says which."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from streamlit import config

from conflictmap.errors import SettingsError
from conflictmap.settings import read_settings
from conflictmap.ui.server_guard import (
    is_loopback,
    refuse_unsafe,
    streamlit_option,
    unsafe_settings,
)
from tests.browser import ROOT, free_port, streamlit_run

SECRET = "synthetic-0123456789-abcdefghijklmnop"
SAFE = {
    "CONFLICTMAP_HOSTED": "1",
    "CONFLICTMAP_SIGN_IN": "openid",
    "CONFLICTMAP_PUBLIC_ADDRESS": "https://map.example.org",
    "CONFLICTMAP_COOKIE_SECRET": SECRET,
}
PROXY = {
    "CONFLICTMAP_SIGN_IN": "headers",
    "CONFLICTMAP_TRUSTED_PROXY": "127.0.0.1",
    "CONFLICTMAP_PROXY_SECRET": SECRET[::-1],
}
OPTIONS = {
    "server.address": "127.0.0.1",
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.xsrfCookieSameSite": "lax",
    "server.corsAllowedOrigins": [],
    "server.allowedHosts": [],
    "server.enableAgentApi": False,
    "server.trustedUserHeaders": {},
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "global.developmentMode": False,
}


def found(environment=None, options=None, **process_environment) -> list[str]:
    settings = read_settings(SAFE | (environment or {}))
    held = OPTIONS | (options or {})
    return unsafe_settings(settings, option=held.__getitem__, environment=process_environment)


def test_safe_settings_are_let_through():
    assert found() == []
    assert found(PROXY) == []
    assert found({"CONFLICTMAP_PUBLIC_ADDRESS": "http://127.0.0.1:8600"}) == []
    assert found(options={"server.address": "10.0.0.5"}) == []


def test_a_laptop_is_let_through():
    assert unsafe_settings(read_settings({}), option=OPTIONS.__getitem__, environment={}) == []


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"CONFLICTMAP_SIGN_IN": "none"}, "CONFLICTMAP_SIGN_IN"),
        ({"CONFLICTMAP_PUBLIC_ADDRESS": ""}, "CONFLICTMAP_PUBLIC_ADDRESS"),
        ({"CONFLICTMAP_PUBLIC_ADDRESS": "https://*.example.org"}, "CONFLICTMAP_PUBLIC_ADDRESS"),
        ({"CONFLICTMAP_PUBLIC_ADDRESS": "map.example.org"}, "CONFLICTMAP_PUBLIC_ADDRESS"),
        ({"CONFLICTMAP_PUBLIC_ADDRESS": "http://map.example.org"}, "https://"),
        ({"CONFLICTMAP_COOKIE_SECRET": ""}, "CONFLICTMAP_COOKIE_SECRET"),
        ({"CONFLICTMAP_COOKIE_SECRET": "x" * 64}, "CONFLICTMAP_COOKIE_SECRET"),
        ({"CONFLICTMAP_COOKIE_SECRET": SECRET[:31]}, "CONFLICTMAP_COOKIE_SECRET"),
        ({"CONFLICTMAP_COOKIE_SECRET": "<32>"}, "CONFLICTMAP_COOKIE_SECRET"),
        ({"CONFLICTMAP_METRICS_TOKEN": SECRET[:23]}, "CONFLICTMAP_METRICS_TOKEN"),
        ({"CONFLICTMAP_METRICS_TOKEN": SECRET}, "two things"),
        (PROXY | {"CONFLICTMAP_TRUSTED_PROXY": ""}, "CONFLICTMAP_TRUSTED_PROXY"),
        (PROXY | {"CONFLICTMAP_TRUSTED_PROXY": "0.0.0.0/0"}, "CONFLICTMAP_TRUSTED_PROXY"),
        (PROXY | {"CONFLICTMAP_PROXY_SECRET": ""}, "CONFLICTMAP_PROXY_SECRET"),
    ],
)
def test_each_unsafe_setting_is_named(environment, named):
    [sentence] = found(environment)
    assert named in sentence
    assert SECRET[:20] not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.enableXsrfProtection", False),
        ("server.enableCORS", False),
        ("server.xsrfCookieSameSite", "none"),
        ("server.corsAllowedOrigins", ["*"]),
        ("server.allowedHosts", ["*"]),
        ("server.allowedHosts", ["*.example.org"]),
        ("server.enableAgentApi", True),
        ("server.trustedUserHeaders", {"X-User": "email"}),
        ("browser.gatherUsageStats", True),
        ("client.showErrorDetails", "full"),
        ("client.showErrorDetails", "stacktrace"),
        ("global.developmentMode", True),
    ],
)
def test_each_unsafe_option_of_streamlit_is_named(name, value):
    [sentence] = found(options={name: value})
    assert name in sentence


def test_streamlit_still_has_every_option_that_is_looked_at():
    for name in OPTIONS:
        config.get_option(name)


def test_headers_of_anybody_are_not_believed_by_the_server_below():
    [sentence] = found(FORWARDED_ALLOW_IPS="*")
    assert "FORWARDED_ALLOW_IPS" in sentence


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.5", "", None])
def test_without_a_sign_in_only_its_own_machine_is_served(address):
    options = OPTIONS | {"server.address": address}
    [sentence] = unsafe_settings(read_settings({}), option=options.__getitem__, environment={})
    assert "without a sign-in" in sentence


def test_all_of_them_are_told_at_once():
    with pytest.raises(SettingsError, match=r"(?s)^The dashboard does not start.*\n- .*\n- .*\n- "):
        refuse_unsafe(read_settings({"CONFLICTMAP_HOSTED": "1"}))


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        *((host, True) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost")),
        *((host, False) for host in ("0.0.0.0", "10.1.1.1", "localhost.example", None)),
    ],
)
def test_loopback_is_this_machine_only(host, is_own):
    assert is_loopback(host) is is_own


def start(command: list[str], environment: dict[str, str]) -> str:
    """Return what a start that is refused says."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    return done.stderr


def test_neither_way_to_start_gets_past_it(tmp_path):
    # Streamlit's own options come by environment, file and flag; the store is not even touched.
    unsafe = SAFE | {
        "CONFLICTMAP_STORE": f"sqlite:///{tmp_path}/store.sqlite",
        "STREAMLIT_SERVER_ENABLE_CORS": "false",
        "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full",
        "STREAMLIT_SERVER_ALLOWED_HOSTS": "*",
    }
    port = free_port()
    serve = [sys.executable, "-m", "conflictmap.cli", "serve", "--port", str(port)]
    run = streamlit_run(port)
    for command in (serve, run):
        said = start(command, unsafe)
        lines = [line for line in said.splitlines() if line.startswith("- ")]
        named = [re.findall(r"server\.\w+|client\.\w+", line)[0] for line in lines]
        assert named == ["server.enableCORS", "client.showErrorDetails", "server.allowedHosts"]
        assert SECRET not in said
    assert list(tmp_path.iterdir()) == []


def test_a_laptop_cannot_be_opened_to_others_by_an_address(tmp_path):
    environment = {"CONFLICTMAP_STORE": f"sqlite:///{tmp_path}/store.sqlite"}
    serve = [sys.executable, "-m", "conflictmap.cli", "serve", "--address", "0.0.0.0"]
    assert "0.0.0.0 without a sign-in" in start(serve, environment)
    assert "0.0.0.0 without a sign-in" in start(
        [*streamlit_run(free_port()), "--server.address", "0.0.0.0"], environment
    )


def test_options_of_the_environment_are_seen_before_streamlit_reads_them(monkeypatch):
    monkeypatch.setenv("STREAMLIT_SERVER_ENABLE_CORS", "false")
    monkeypatch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", "* a.example")
    monkeypatch.setenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full")
    assert streamlit_option("server.enableCORS") is False
    assert streamlit_option("server.allowedHosts") == ["*", "a.example"]
    assert streamlit_option("client.showErrorDetails") == "full"
    assert streamlit_option("server.enableXsrfProtection") is True


def test_readers_are_shown_no_details_of_errors_even_when_the_file_is_read_again():
    told = """
from streamlit import config
from conflictmap.settings import read_settings
from conflictmap.ui.server_guard import refuse_unsafe, take_hosted_options

settings = read_settings()
refuse_unsafe(settings)
take_hosted_options(settings)
for _ in range(2):
    names = ["client.showErrorDetails", "server.allowedHosts", "client.allowedOrigins"]
    print([config.get_option(name) for name in names], config.get_option("server.cookieSecret"))
    config.get_config_options(force_reparse=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT,
        env=os.environ | SAFE,
        capture_output=True,
        text=True,
        check=True,
    )
    line = f"['none', ['map.example.org'], []] {SECRET}"
    assert done.stdout.splitlines() == [line, line]
