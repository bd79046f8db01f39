"""The dashboard as it is hosted: PostgreSQL, several processes, nginx before them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hosted.processes import Family, process_with
from conflictmap.access import LOCAL_ADMINISTRATOR
from conflictmap.store import add_role_rule, open_store
from tests.browser import ROOT, free_port, serving
from tests.postgres import running_cluster
from tests.sign_in_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    COOKIE_SECRET,
    USER_COOKIE,
    Dashboard,
    Provider,
    cookie_of,
    provider,
)

BRIEFERS, ANALYSTS = "example.org", "analysts.example.org"
"""Domains of the synthetic people."""


@dataclass(frozen=True)
class Hosting:
    """What is to be hosted, and how."""

    engine: str = "postgresql"
    processes: int = 2
    incidents: int = 20_000
    is_signed_in: bool = True  # else as on a laptop, but behind nginx


@dataclass(frozen=True)
class Hosted:
    """A dashboard that is being hosted."""

    address: str
    store_url: str
    apps: dict[int, Family]  # by port
    others: list[Family]
    authority: str  # file with nginx's certificate
    provider: Provider | None

    @property
    def families(self) -> list[Family]:
        """Return all that serves it."""
        return [*self.apps.values(), *self.others]

    def cookies(self, number: int) -> list[str]:
        """Return what the sign-ins of so many people leave: two analysts in ten, else briefers."""
        if self.provider is None:
            return []
        dashboard = Dashboard(self.address, self.store_url, self.provider)
        later = int(time.time()) + 86_400
        return [
            f"{USER_COOKIE}={cookie_of(dashboard, _person(each), exp=later)}"
            for each in range(number)
        ]


def _person(number: int) -> str:
    return f"synthetic{number}@{ANALYSTS if number % 5 == 0 else BRIEFERS}"


@contextmanager
def hosted(hosting: Hosting) -> Iterator[Hosted]:
    """Host the dashboard on a new synthetic store, on free ports of this machine."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hosted-")))
        port, app_ports = free_port(), [free_port() for _ in range(hosting.processes)]
        address = f"https://127.0.0.1:{port}"
        others: list[Family] = []
        if hosting.engine == "postgresql":
            cluster = stack.enter_context(running_cluster(options=("autovacuum=on",)))
            store_url = cluster.fresh_database()
            told = (cluster.folder / "data" / "postmaster.pid").read_text(encoding="ascii")
            others.append(Family("PostgreSQL", int(told.split()[0])))
        else:
            store_url = f"sqlite:///{folder / 'store.sqlite'}"
        _fill(store_url, hosting.incidents)
        environment = {"CONFLICTMAP_STORE": store_url}
        signs_in = None
        if hosting.is_signed_in:
            signs_in = stack.enter_context(provider(f"{address}/oauth2callback"))
            environment |= _settings(address, signs_in)
            store = open_store(store_url)
            for domain, role in ((ANALYSTS, "analyst"), (BRIEFERS, "briefer")):
                add_role_rule(store, "domain", domain, role, viewer=LOCAL_ADMINISTRATOR)
        apps = {}
        for number, app_port in enumerate(app_ports, start=1):
            command = [sys.executable, "-m", "conflictmap.cli", "serve", "--port", str(app_port)]
            stack.enter_context(serving(command, app_port, environment=environment))
            apps[app_port] = Family(f"app {number}", process_with(f"--port {app_port}"))
        others.append(stack.enter_context(_nginx(folder, port, app_ports)))
        yield Hosted(address, store_url, apps, others, str(folder / "certificate.pem"), signs_in)


def nginx_configuration(folder: Path, port: int, apps: Sequence[int]) -> str:
    """Return deploy/nginx.conf with the ports and folders of this machine.

    Its limits by address are lifted, since all sessions come from one.
    """
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    if len(apps) == 1:  # leave out the second process
        text = re.sub(r"\n    upstream process_8502 \{.*?\n    \}", "", text, flags=re.DOTALL)
        text = "\n".join(line for line in text.splitlines() if "8502" not in line)
    for placeholder, app in zip(("8501", "8502"), apps, strict=False):
        text = text.replace(placeholder, str(app))
    certificate = "/etc/letsencrypt/live/map.example.org"
    for told, ours in (
        ("user www-data;", "user root;" if os.geteuid() == 0 else ""),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx/error.log crit", "stderr crit"),
        ("access_log /var/log/nginx/access.log without_filters", "access_log off"),
        ("/var/lib/nginx", str(folder)),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        (f"{certificate}/fullchain.pem", f"{folder}/certificate.pem"),
        (f"{certificate}/privkey.pem", f"{folder}/key.pem"),
        ("map.example.org", "127.0.0.1"),
        ("rate=50r/s", "rate=10000r/s"),
        ("limit_conn connections 400", "limit_conn connections 10000"),
    ):
        if told not in text:
            raise RuntimeError(f"deploy/nginx.conf no longer says '{told}'.")
        text = text.replace(told, ours)
    return f"daemon off;\n{text}"


@contextmanager
def _nginx(folder: Path, port: int, apps: Sequence[int]) -> Iterator[Family]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise RuntimeError("nginx is missing: install Debian's nginx-light")
    _make_certificate(folder)
    configuration = folder / "nginx.conf"
    configuration.write_text(nginx_configuration(folder, port, apps), encoding="utf-8")
    with subprocess.Popen([program, "-p", str(folder), "-c", str(configuration)]) as process:
        try:
            give_up = time.monotonic() + 20
            while _nobody_listens(port):
                if process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError("nginx does not serve.")
                time.sleep(0.05)
            yield Family("nginx", process.pid)
        finally:
            process.terminate()


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _make_certificate(folder: Path) -> None:
    """Make a key and a certificate of this machine's loopback address."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(command, check=True, capture_output=True)


def _settings(address: str, by: Provider) -> dict[str, str]:
    """Return the settings of a hosted dashboard; no limit of sessions stops the measuring."""
    return {
        "CONFLICTMAP_HOSTED": "1",
        "CONFLICTMAP_PUBLIC_ADDRESS": address,
        "CONFLICTMAP_SIGN_IN": "openid",
        "CONFLICTMAP_OPENID_METADATA_URL": by.metadata_url,
        "CONFLICTMAP_OPENID_CLIENT_ID": CLIENT_ID,
        "CONFLICTMAP_OPENID_CLIENT_SECRET": CLIENT_SECRET,
        "CONFLICTMAP_COOKIE_SECRET": COOKIE_SECRET,
        "CONFLICTMAP_TRUSTED_PROXY": "127.0.0.1",
        "CONFLICTMAP_MOST_SESSIONS": "10000",
    }


def _fill(store_url: str, incidents: int) -> None:
    command = ["synth", "--incidents", str(incidents), "--seed", "1", "--store", store_url]
    subprocess.run(
        [sys.executable, "-m", "conflictmap.cli", *command],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
