"""One connection to the mail server, and one message over it."""

from __future__ import annotations

import email.policy
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from types import TracebackType

from lib.i18n import gettext as _
from lib.office.reminders.letter import Letter
from lib.office.reminders.sent import Outcome
from lib.settings import UserError
from lib.settings.mail import SSL, STARTTLS, Mail, is_address

LOGIN, CERTIFICATE, NO_TLS, AWAY, BROKEN = "login", "certificate", "no tls", "away", "broken off"
_PATIENT = 2  # failures to reach the server before the others are told without trying: each may take `answer_seconds`


class NotSent(Exception):
    """A message that did not go out, or of which nobody can tell. `why` is one of the words above or "SMTP 550"; it holds no address and
    nothing that a server said about one."""

    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(why)
        self.outcome, self.why = outcome, why


class Post:
    """Sends messages one by one, over one connection that is opened again when it broke off. Use it in a `with`.

    A password or a certificate that was refused once is not tried again for every message: accounts are locked for that. Nor is a server
    that was away several times.
    """

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._server: smtplib.SMTP | None = None
        self._given_up = ""
        self._failures = 0

    def __enter__(self) -> Post:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._hang_up()

    def send(self, message: EmailMessage, to: str) -> None:
        """Send one message to one address. NotSent when it was refused, the server is away, or it broke off before it answered."""
        server = self._connected()
        try:
            self._accepted(server.mail(self._mail.sender), (250,))
            self._accepted(server.rcpt(to), (250, 251))
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise NotSent(Outcome.UNREACHED, _why(error)) from None
        try:
            self._accepted(server.data(message.as_bytes()), (250,))
        except smtplib.SMTPDataError as error:  # the server did not want to hear it: nothing was told
            self._reset()
            raise NotSent(Outcome.REFUSED, f"SMTP {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:  # told, but not answered
            self._hang_up()
            raise NotSent(Outcome.UNKNOWN, _why(error)) from None

    def _accepted(self, answer: tuple[int, bytes], wanted: tuple[int, ...]) -> None:
        if answer[0] not in wanted:
            self._reset()
            raise NotSent(Outcome.REFUSED, f"SMTP {answer[0]}")

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            try:
                if self._server.noop()[0] == 250:
                    return self._server
            except (OSError, smtplib.SMTPException):
                pass
            self._hang_up()
        if self._given_up:
            raise NotSent(Outcome.UNREACHED, self._given_up)
        try:
            self._server = self._called()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:  # a password that is not ASCII cannot be told
            why = _why(error)
            self._failures += 1
            if why in (LOGIN, CERTIFICATE, NO_TLS) or self._failures >= _PATIENT:
                self._given_up = why
            raise NotSent(Outcome.UNREACHED, why) from None
        self._failures = 0
        return self._server

    def _called(self) -> smtplib.SMTP:
        mail = self._mail
        if mail.tls == SSL:
            server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.answer_seconds, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=mail.answer_seconds)
        try:
            if mail.tls == STARTTLS:
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if mail.user:
                server.login(mail.user, mail.password)
        except BaseException:
            server.close()
            raise
        return server

    def _reset(self) -> None:
        try:
            if self._server is not None:
                self._server.rset()
        except (OSError, smtplib.SMTPException):
            self._hang_up()

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()


def _why(error: Exception) -> str:
    """A word for what went wrong. What the server or the system said stays unsaid: it may hold an address."""
    match error:
        case smtplib.SMTPAuthenticationError() | UnicodeError():
            return LOGIN
        case ssl.SSLCertVerificationError():
            return CERTIFICATE
        case smtplib.SMTPNotSupportedError() | ssl.SSLError():
            return NO_TLS
        case smtplib.SMTPServerDisconnected() | ConnectionResetError() | BrokenPipeError():
            return BROKEN
        case smtplib.SMTPResponseException():
            return f"SMTP {error.smtp_code}"
        case _:
            return AWAY


def message_of(letter: Letter, mail: Mail) -> EmailMessage:
    """The letter as a message. UserError for a person without an address that can be written to: no text of a sheet becomes a header."""
    if not is_address(letter.person.email):
        raise UserError(_("{person}: the staff sheet has no e-mail that can be written to", person=letter.person.code))
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = Address(display_name=_header(mail.sender_name.of(letter.language)), addr_spec=mail.sender)
    message["To"] = Address(addr_spec=letter.person.email)
    message["Subject"] = _header(letter.subject)
    message["Auto-Submitted"] = "auto-generated"  # else holiday answers come back to every reminder
    message["Content-Language"] = letter.language
    message.set_content(letter.text, cte="base64")
    return message


def _header(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
