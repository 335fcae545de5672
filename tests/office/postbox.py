"""A mail server of this machine that keeps what it is given, and can be told to refuse or to break off."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Postbox:
    """What came, and how addresses are answered. `broken_off`: the connection ends after the text, before an answer; `dies_after`: so
    many messages are taken, then the connection ends and nobody is let in any more. `passwords`: user → password, when it asks for one."""

    passwords: dict[str, str] = field(default_factory=dict)
    dies_after: int = 10**6
    logins: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0
    encrypted: set[bool] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    broken_off: set[str] = field(default_factory=set)
    seconds: float = 0.0
    port: int = 0
    envelopes: list[tuple[list[str], bytes]] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=policy.default) for _to, content in self.envelopes]

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:
        self.calls += 1
        session.host_name = hostname  # type: ignore[assignment]
        if self.is_dead:
            server.transport.abort()
        return responses

    @property
    def is_dead(self) -> bool:
        return len(self.envelopes) >= self.dies_after

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=self.passwords.get(given.login.decode()) == given.password.decode(), handled=False)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if self.seconds:
            time.sleep(self.seconds)
        self.envelopes.append((list(envelope.rcpt_tos), content))
        self.encrypted.add(server.transport.get_extra_info("ssl_object") is not None)
        if self.broken_off & set(envelope.rcpt_tos):
            server.transport.abort()
        return "250 OK"


@contextmanager
def postbox(*, starttls: ssl.SSLContext | None = None, implicit: ssl.SSLContext | None = None, **answers: object) -> Iterator[Postbox]:
    """A running server at 127.0.0.1 on a free port; with `starttls` it wants that before anything else, with `implicit` TLS at once."""
    box = Postbox(**answers)  # type: ignore[arg-type]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box.port = probe.getsockname()[1]
    controller = Controller(
        box, hostname="127.0.0.1", port=box.port, ssl_context=implicit, tls_context=starttls, require_starttls=starttls is not None,
        authenticator=box.check if box.passwords else None, auth_required=bool(box.passwords), auth_require_tls=starttls is not None,
    )  # fmt: skip
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that it signed itself, with its key in the same file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1)).add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "postbox.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def serving(path: Path) -> ssl.SSLContext:
    """The server's side of TLS with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context
