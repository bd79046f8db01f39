"""The dashboard as `deploy/` puts it on a server, for tests: PostgreSQL, two processes, nginx.

    with deployment() as deployed:                   # address, ports, cluster, processes
        with signed_in_tab(chromium, deployed, PEOPLE["viewer"]) as tab:
            tab.open("/incidents")

The files of `deploy/` are used as they are: only what they say is to be replaced (host, ports,
certificate) and the folders that a server keeps for nginx become those of the test.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser

from tests.browser import ROOT, BrowserPage, free_port
from tests.postgres import Cluster, closed_afterwards, running_cluster
from tests.sign_in_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    COOKIE_SECRET,
    PEOPLE,
    USER_COOKIE,
    Dashboard,
    cookie_of,
    provider,
)

DEPLOY = ROOT / "deploy"
METRICS_TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0-metrics-of-the-tests"
ROLE_PASSWORD = "synthetic-password-of-the-role"
UNENCRYPTED = ssl._create_unverified_context  # the certificate of a test vouches for nobody


@dataclass
class Deployment:
    """A running deployment."""

    address: str
    """https://127.0.0.1 and the port of nginx."""

    ports: tuple[int, int]
    """Of the two processes."""

    environment: Mapping[str, str]
    cluster: Cluster
    dashboard: Dashboard
    folder: Path
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_process(self, port: int) -> None:
        """Start one process by the command of its unit, and wait until it is ready."""
        with (self.folder / f"{port}.log").open("ab") as log:
            self.processes[port] = subprocess.Popen(
                command_of_unit(port),
                cwd=ROOT,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self, port: int) -> None:
        """Wait until a process says that it is ready."""
        give_up = time.monotonic() + 90
        while self.ready(port)[0] != 200:
            if self.processes[port].poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"A process is not ready:\n{self.log_of(port)[-3000:]}")
            time.sleep(0.1)

    def kill(self, port: int) -> None:
        """End a process without a word, as a lack of memory would."""
        with suppress(ProcessLookupError):
            os.killpg(self.processes[port].pid, signal.SIGKILL)
        self.processes[port].wait(timeout=10)

    def log_of(self, port: int) -> str:
        """Return what a process has written."""
        return (self.folder / f"{port}.log").read_text(errors="replace")

    def ready(self, port: int) -> tuple[int, str]:
        """Return status and words with which a process says whether it is ready."""
        status, _, content = ask(f"http://127.0.0.1:{port}/health/ready")
        return status, content.decode().strip()

    def metrics(self, port: int) -> dict[str, float]:
        """Return the counters of a process by name."""
        _, _, content = ask(
            f"http://127.0.0.1:{port}/health/metrics", Authorization=f"Bearer {METRICS_TOKEN}"
        )
        lines = [line.rpartition(" ") for line in content.decode().splitlines() if line[0] != "#"]
        return {name: float(value) for name, _, value in lines}


def ask(address: str, **headers: str) -> tuple[int, Message, bytes]:
    """Return status, headers and content of an answer; (0, ...) where nobody answers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, headers=named)
    context = UNENCRYPTED() if address.startswith("https:") else None
    try:
        with urllib.request.urlopen(request, timeout=15, context=context) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
    except OSError:
        return 0, Message(), b""


@contextmanager
def deployment(**more: str) -> Iterator[Deployment]:
    """Run everything, with the shipped reports published and the roles of PEOPLE given.

    `more` are settings beside those of the example of an environment file, or other values.

    Raises
    ------
    LookupError
        If PostgreSQL or nginx is not installed, with the sentence to skip a test with.
    """
    if shutil.which("nginx") is None:
        raise LookupError("nginx is missing: install Debian's nginx-light")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conflictmap-")))
        folder.chmod(0o755)  # nginx works as www-data
        cluster = stack.enter_context(running_cluster())
        stack.enter_context(closed_afterwards())
        port, plain_port, *ports = (free_port() for _ in range(4))
        address = f"https://127.0.0.1:{port}"
        by = stack.enter_context(provider(f"{address}/oauth2callback"))
        store_url = _database_of_role(cluster)
        environment = environment_of_example(
            address,
            {
                "CONFLICTMAP_STORE": store_url,
                "CONFLICTMAP_OPENID_METADATA_URL": by.metadata_url,
                "CONFLICTMAP_OPENID_CLIENT_ID": CLIENT_ID,
                "CONFLICTMAP_OPENID_CLIENT_SECRET": CLIENT_SECRET,
                "CONFLICTMAP_OPENID_PROMPT": "login",
                "CONFLICTMAP_FIRST_ADMINISTRATOR": PEOPLE["administrator"],
                "CONFLICTMAP_AS": PEOPLE["administrator"],
                "CONFLICTMAP_COOKIE_SECRET": COOKIE_SECRET,
                "CONFLICTMAP_METRICS_TOKEN": METRICS_TOKEN,
                **more,
            },
        )
        subprocess.run(
            [sys.executable, "-m", "conflictmap.cli", "init"],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        dashboard = Dashboard(address, store_url, by)
        for role, person in PEOPLE.items():
            dashboard.give(person, role)
        deployed = Deployment(
            address, (ports[0], ports[1]), environment, cluster, dashboard, folder
        )
        stack.callback(_end_all, deployed)
        for process_port in ports:
            deployed.start_process(process_port)
        for process_port in ports:
            deployed.wait_until_ready(process_port)
        stack.enter_context(_nginx(folder, port, plain_port, deployed.ports))
        yield deployed


def _database_of_role(cluster: Cluster) -> str:
    """Make the role and its database by the file for it; return their address."""
    address = sa.make_url(cluster.url("postgres"))
    subprocess.run(
        [
            *(str(cluster.programs / "psql"), "-h", "127.0.0.1", "-p", str(cluster.port)),
            *("-U", str(address.username), "-X", "-q", "-v", "ON_ERROR_STOP=1"),
            *("-v", f"password={ROLE_PASSWORD}", "-f", str(DEPLOY / "postgresql.sql")),
        ],
        env=os.environ | {"PGPASSWORD": str(address.password)},
        check=True,
    )
    return f"postgresql://conflictmap:{ROLE_PASSWORD}@127.0.0.1:{cluster.port}/conflictmap"


def command_of_unit(port: int) -> list[str]:
    """Return the command of the unit, with this project's Python in place of the installed one."""
    unit = (DEPLOY / "conflictmap@.service").read_text()
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    program, *arguments = line.removeprefix("ExecStart=").replace("%i", str(port)).split()
    assert program == "/opt/conflictmap/.venv/bin/conflictmap"
    return [sys.executable, "-m", "conflictmap.cli", *arguments]


def environment_of_example(address: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the example of an environment file, its placeholders replaced.

    Raises
    ------
    LookupError
        If a placeholder is left.
    """
    text = (DEPLOY / "conflictmap.env.example").read_text()
    text = text.replace("https://map.example.org", address)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    settings = dict(line.split("=", 1) for line in lines) | dict(given)
    if left := [name for name, value in settings.items() if "<" in value]:
        raise LookupError(f"Nothing stands in for {left}")
    return settings


def nginx_conf(folder: Path, port: int, plain_port: int, processes: tuple[int, int]) -> str:
    """Return the configuration of nginx with what is to be replaced, and folders of the test."""
    text = (DEPLOY / "nginx.conf").read_text()
    for there, here in {
        "/etc/letsencrypt/live/map.example.org": str(folder),
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx": str(folder),
        "/var/lib/nginx": str(folder),
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{plain_port}",
        "map.example.org": "127.0.0.1",
        "8501": str(processes[0]),
        "8502": str(processes[1]),
    }.items():
        assert there in text, there
        text = text.replace(there, here)
    return text


@contextmanager
def _nginx(folder: Path, port: int, plain_port: int, processes: tuple[int, int]) -> Iterator[None]:
    _write_certificate(folder)
    conf = folder / "nginx.conf"
    conf.write_text(nginx_conf(folder, port, plain_port, processes))
    command = ["nginx", "-c", str(conf), "-e", str(folder / "start.log"), "-p", str(folder)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    if checked.returncode:
        raise RuntimeError(checked.stderr)
    with subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.DEVNULL) as server:
        try:
            give_up = time.monotonic() + 20
            while ask(f"https://127.0.0.1:{port}/_stcore/health")[0] != 200:
                if time.monotonic() > give_up:
                    raise RuntimeError("nginx does not answer")
                time.sleep(0.05)
            yield
        finally:
            server.terminate()


def _end_all(deployed: Deployment) -> None:
    for port in deployed.processes:
        deployed.kill(port)


def _write_certificate(folder: Path) -> None:
    """Make a certificate for 127.0.0.1 that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@contextmanager
def strangers_tab(browser: Browser, deployed: Deployment) -> Iterator[BrowserPage]:
    """Give a tab in which nobody is signed in and which does not ask who signed the certificate."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, ignore_https_errors=True)
    try:
        yield BrowserPage(context.new_page(), deployed.address)
    finally:
        context.close()


@contextmanager
def signed_in_tab(browser: Browser, deployed: Deployment, person: str) -> Iterator[BrowserPage]:
    """Give a tab in which a person is signed in already."""
    with strangers_tab(browser, deployed) as tab:
        cookie = cookie_of(deployed.dashboard, person)
        tab.page.context.add_cookies(
            [{"name": USER_COOKIE, "value": cookie, "url": deployed.address}]
        )
        yield tab


def log_entries(text: str) -> list[dict]:
    """Return the entries of a log that are JSON; what Streamlit prints at its start is none."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]
