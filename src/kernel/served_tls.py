"""The certificate that this server shows, read anew when its files are renewed.

cert-manager and the kubelet replace the files under a server that runs for months.
"""

import ssl
from pathlib import Path

from kernel.log import get_logger

log = get_logger("kernel.served_tls")


class ServedChain:
    """Certificate chain and key in PEM files; raises OSError or ValueError if they are of no use.

    Nothing is asked on a terminal.
    """

    def __init__(self, cert_file: Path, key_file: Path | None) -> None:
        self._cert_file, self._key_file = cert_file, key_file
        self._read_at = self._state()
        self._context = self._read()

    def show_with(self, context: ssl.SSLContext) -> None:
        """Every handshake of that context is made with the chain of that moment."""
        context.sni_callback = self._show

    def look(self) -> None:
        """Read the files if they changed. What is of no use is told, and the old ones go on."""
        try:
            state = self._state()
            if state == self._read_at:
                return
            self._context = self._read()
        except (OSError, ValueError) as error:  # tried again by the next look
            log.error("tls.not_renewed", cert_file=str(self._cert_file), reason=reason_of(error))
            return
        self._read_at = state
        log.info("tls.renewed", cert_file=str(self._cert_file))

    def _show(self, connection: ssl.SSLObject, _name: str | None, _asked: ssl.SSLContext) -> None:
        connection.context = self._context

    def _read(self) -> ssl.SSLContext:
        # A new one each time: half a pair never gets into a context that is in use.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._cert_file, self._key_file, password=_no_password)
        return context

    def _state(self) -> list[tuple[int, int, int]]:
        files = (self._cert_file, self._key_file or self._cert_file)
        found = [file.stat() for file in files]  # where links lead to: the kubelet changes those
        return [(one.st_mtime_ns, one.st_ino, one.st_size) for one in found]


def reason_of(error: OSError | ValueError) -> str:
    """In a few words; ssl.SSLError is an OSError."""
    return str(getattr(error, "strerror", None) or getattr(error, "reason", None) or error)


def _no_password() -> str:
    raise ValueError("the key has a password")
