"""`deploy/nginx.conf` in front of `positions serve`, run with Debian's nginx."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.building import build
from graph.store.embedded import open_store
from tests import factory
from tests.serving import serve

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OPENSSL = shutil.which("openssl")
if NGINX is None or OPENSSL is None:
    pytest.skip("nginx is not installed", allow_module_level=True)

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nginx.conf"
NAME = "positions.example"
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/positions.conf;
}}
"""


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        made = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in made:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in made]


def configured(folder: Path, *, service: str, secure: int, plain: int) -> Path:
    """Write the configuration for these ports, with a certificate of its own."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for before, after in (
        ("listen 443 ", f"listen 127.0.0.1:{secure} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("http://127.0.0.1:8000", service),
        ("/etc/ssl/positions.pem", f"{folder}/positions.pem"),
        ("/etc/ssl/private/positions.key", f"{folder}/positions.key"),
    ):
        assert before in text
        text = text.replace(before, after)
    (folder / "positions.conf").write_text(text, encoding="utf-8")
    subject = ["-subj", f"/CN={NAME}", "-keyout", str(folder / "positions.key"), "-out", str(folder / "positions.pem")]
    command = [str(OPENSSL), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run(command, check=True, capture_output=True)
    main = folder / "main.conf"
    main.write_text(MAIN.format(folder=folder), encoding="utf-8")
    return main


class Proxy:
    """The running proxy."""

    def __init__(self, secure: int, plain: int) -> None:
        self.secure, self.plain = secure, plain
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def request(self, method: str, path: str, *, name: str = NAME, **options: Any) -> httpx.Response:
        """Send a request for this host name."""
        headers = {"Host": name} | options.pop("headers", {})
        with httpx.Client(verify=self.context, trust_env=False, timeout=60) as http:
            url = f"https://127.0.0.1:{self.secure}{path}"
            return http.request(method, url, headers=headers, extensions={"sni_hostname": name}, **options)

    def connection(self) -> ssl.SSLSocket:
        """An open connection."""
        plain = socket.create_connection(("127.0.0.1", self.secure), timeout=60)
        return self.context.wrap_socket(plain, server_hostname=NAME)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    # Its worker may belong to another user.
    folder.chmod(0o755)
    with open_store(folder / "store") as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
    secure, plain = free_ports(2)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("POSITIONS_HTTPS", "true")
        patch.setenv("POSITIONS_BASE_URL", f"https://{NAME}")
        patch.setenv("POSITIONS_TRUSTED_HOSTS", f'["{NAME}"]')
        service = stack.enter_context(serve(folder / "store"))
        main = configured(folder, service=service.address, secure=secure, plain=plain)
        process = subprocess.Popen([str(NGINX), "-c", str(main), "-p", str(folder), "-e", str(folder / "error.log")])
        stack.callback(process.wait)
        stack.callback(process.terminate)
        for _ in range(600):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", secure)) == 0:
                    break
            assert process.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.1)
        yield Proxy(secure, plain)


def test_it_serves_pages_and_links_of_the_public_address(proxy: Proxy) -> None:
    page, feed = proxy.request("GET", "/reforms"), proxy.request("GET", "/feeds/statements.atom")

    assert page.status_code == feed.status_code == 200
    assert "max-age" in page.headers["strict-transport-security"]
    assert f'href="https://{NAME}/statements/' in feed.text


def test_plain_http_leads_to_https(proxy: Proxy) -> None:
    answer = httpx.get(f"http://127.0.0.1:{proxy.plain}/reforms?a=b", headers={"Host": NAME}, trust_env=False)

    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{NAME}/reforms?a=b")


def test_other_host_names_are_refused(proxy: Proxy) -> None:
    with pytest.raises(httpx.ConnectError):
        proxy.request("GET", "/reforms", name="evil.example")
    # A name in the header that differs from the one of the connection.
    assert proxy.request("GET", "/reforms", headers={"Host": "evil.example"}).status_code in {400, 403, 421}


def test_a_client_cannot_name_another_address(proxy: Proxy) -> None:
    statuses = [
        proxy.request(
            "POST",
            "/api/reviews",
            json={},
            headers={"Authorization": "Bearer wrong", "X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(12)
    ]

    assert statuses[:10] == [401] * 10
    assert statuses[11] == 429


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(proxy: Proxy) -> None:
    with proxy.connection() as large:
        large.sendall(f"POST /sparql HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 100000000\r\n\r\n".encode())
        assert b" 413 " in large.recv(100)


def test_one_client_has_so_many_connections(proxy: Proxy) -> None:
    head = f"POST /query HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 50\r\n\r\n".encode()
    with ExitStack() as stack:
        slow = [stack.enter_context(proxy.connection()) for _ in range(40)]
        for each in slow:
            each.sendall(head)
        # The last ones are refused at once; the others wait for their bodies, which the service does not see.
        refused = slow[-1].recv(1_000)

    assert b" 429 " in refused
    assert b"Retry-After" in refused
    for _ in range(600):
        if proxy.request("GET", "/reforms").status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError("the service does not answer after the connections have ended")
