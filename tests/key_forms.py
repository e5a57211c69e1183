"""Private keys, made on the spot, in all the forms in which they come among ordinary files."""

from __future__ import annotations

import base64
import json
import quopri
import struct
import subprocess
import textwrap
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def _der(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes = b"") -> bytes:
    return bytes(key.private_bytes(Encoding.DER, form, BestAvailableEncryption(password) if password else NoEncryption()))


# What the bytes of a key may be: (words of its armour, DER).
KINDS: dict[str, tuple[str, bytes]] = {
    "PKCS#8 RSA": ("PRIVATE KEY", _der(RSA_KEY)),
    "PKCS#8 EC": ("PRIVATE KEY", _der(EC_KEY)),
    "PKCS#8 Ed25519": ("PRIVATE KEY", _der(ed25519.Ed25519PrivateKey.generate())),
    "PKCS#8 encrypted": ("ENCRYPTED PRIVATE KEY", _der(RSA_KEY, password=b"secret")),
    "PKCS#1": ("RSA PRIVATE KEY", _der(RSA_KEY, PrivateFormat.TraditionalOpenSSL)),
    "SEC 1": ("EC PRIVATE KEY", _der(EC_KEY, PrivateFormat.TraditionalOpenSSL)),
    "SEC 1 P-521": ("EC PRIVATE KEY", _der(ec.generate_private_key(ec.SECP521R1()), PrivateFormat.TraditionalOpenSSL)),
    "DSA": ("DSA PRIVATE KEY", _der(dsa.generate_private_key(1024), PrivateFormat.TraditionalOpenSSL)),
}


def lines(der: bytes, width: int = 64) -> list[str]:
    """The lines of a key's body."""
    return textwrap.wrap(base64.b64encode(der).decode(), width)


def armoured(words: str, der: bytes) -> list[str]:
    """The lines of a PEM file."""
    return [f"-----BEGIN {words}-----", *lines(der), f"-----END {words}-----"]


def pem(words: str, der: bytes) -> str:
    """A PEM file."""
    return "\n".join(armoured(words, der)) + "\n"


def _rows(cells: list[str]) -> str:
    return "n,host,text,by\n" + "".join(f"{n},www{n}.example.gov,{cell},first.last@example.gov\n" for n, cell in enumerate(cells))


def _records(cells: list[str]) -> str:
    return json.dumps([{"n": n, "host": f"www{n}.example.gov", "text": cell} for n, cell in enumerate(cells)], indent=1)


def _hexadecimal(der: bytes, mark: str = "", before: str = "") -> str:
    return mark.join(f"{before}{byte:02x}" for byte in der)


def _web_number(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(256, "big")).decode().rstrip("=")


def web_key() -> dict[str, str]:
    """The RSA key as a JSON Web Key (RFC 7517)."""
    numbers = RSA_KEY.private_numbers()
    public = {"kty": "RSA", "n": _web_number(numbers.public_numbers.n), "e": "AQAB"}
    return public | {"d": _web_number(numbers.d), "p": _web_number(numbers.p), "q": _web_number(numbers.q)}


# How text holds a key: (words, DER) to text.
TEXTS: dict[str, Callable[[str, bytes], str]] = {
    "PEM": pem,
    "PEM in lower case": lambda words, der: pem(words.lower(), der).replace("BEGIN", "begin"),
    "PEM without dashes": lambda words, der: pem(words, der).replace("-----", ""),
    "PEM on one line": lambda words, der: pem(words, der).replace("\n", " "),
    "a cell": lambda words, der: _rows([f'"{pem(words, der)}"']),
    "a row a line": lambda words, der: _rows(armoured(words, der)),
    "a row a line without armour": lambda words, der: _rows(lines(der)),
    "a row a line, the last first": lambda words, der: _rows(lines(der)[::-1]),
    "a cell a line": lambda words, der: _rows([",".join(lines(der))]),
    "a cell a line between others": lambda words, der: _rows([",x,".join(lines(der))]),
    "rows of 76 letters": lambda words, der: _rows(lines(der, 76)),
    "rows of 48 letters": lambda words, der: _rows(lines(der, 48)),
    "a record a line": lambda words, der: _records(lines(der)),
    "the words of the armour as cells": lambda words, der: _rows([line.replace(" ", ",") for line in armoured(words, der)]),
    "a value of JSON": lambda words, der: json.dumps({"key": pem(words, der)}),
    "JSON inside JSON": lambda words, der: json.dumps({"body": json.dumps({"key": pem(words, der)})}),
    "JSON of .NET": lambda words, der: json.dumps({"key": pem(words, der)}).replace("+", "\\u002B").replace("/", "\\u002F"),
    "JSON with blanks escaped": lambda words, der: json.dumps({"key": pem(words, der)}).replace(" ", "\\u0020").replace("-", "\\u002d"),
    "JSON with strokes escaped": lambda words, der: json.dumps({"key": base64.b64encode(der).decode()}).replace("/", "\\/"),
    "a web address": lambda words, der: "GET /?k=" + pem(words, der).replace(" ", "%20").replace("\n", "%0A").replace("+", "%2B"),
    "a web form": lambda words, der: "k=" + pem(words, der).replace("+", "%2B").replace(" ", "+").replace("\n", "%0D%0A"),
    "HTML": lambda words, der: "<p>" + pem(words, der).replace(" ", "&#32;").replace("\n", "<br>\n") + "</p>",
    "HTML with all marks escaped": lambda words, der: pem(words, der).replace("-", "&#x2D;").replace(" ", "&#x20;").replace("\n", "&#10;"),
    "Excel's line ends": lambda words, der: "<t>" + base64.encodebytes(der).decode().replace("\n", "_x000D_\n") + "</t>",
    "quoted mail": lambda words, der: "> " + pem(words, der).replace("\n", "\n> "),
    "quoted-printable": lambda words, der: quopri.encodestring(pem(words, der).encode()).decode(),
    "quoted-printable, blanks and dashes too": lambda words, der: pem(words, der).replace("-", "=2D").replace(" ", "=20"),
    "quoted-printable of one line": lambda words, der: quopri.encodestring(pem(words, der).replace("\n", " ").encode()).decode(),
    "bare base64": lambda words, der: base64.encodebytes(der).decode(),
    "bare base64 on one line": lambda words, der: base64.b64encode(der).decode(),
    "base64url": lambda words, der: base64.urlsafe_b64encode(der).decode().rstrip("="),
    "called a certificate": lambda words, der: pem("CERTIFICATE", der),
    "a secret of Kubernetes": lambda words, der: "data:\n  tls.key: " + base64.b64encode(pem(words, der).encode()).decode(),
    "base64 of PEM, wrapped": lambda words, der: base64.encodebytes(pem(words, der).encode()).decode(),
    "base64 of a letter with PEM": lambda words, der: base64.encodebytes(("Dear all,\n\n" + pem(words, der)).encode()).decode(),
    "base64 of a note with PEM": lambda words, der: base64.b64encode(("Dear you\n" + pem(words, der)).encode()).decode(),
    "hexadecimal": lambda words, der: _rows([_hexadecimal(der)]),
    "hexadecimal in capitals": lambda words, der: _rows([_hexadecimal(der).upper()]),
    "hexadecimal with 0x": lambda words, der: _rows(["0x" + _hexadecimal(der)]),
    "hexadecimal with colons": lambda words, der: _rows([_hexadecimal(der, ":")]),
    "hexadecimal with blanks": lambda words, der: _rows([_hexadecimal(der, " ").upper()]),
    "hexadecimal, 0x at each byte": lambda words, der: "{" + _hexadecimal(der, ", ", "0x") + "}",
    "hexadecimal, 0X and commas": lambda words, der: _hexadecimal(der, ",", "0X"),
    "hexadecimal, \\x at each byte": lambda words, der: _hexadecimal(der, "", "\\x"),
    "hexadecimal in lines": lambda words, der: "\n    ".join(textwrap.wrap(_hexadecimal(der, ":"), 45)),
    "hexadecimal, the end cut off": lambda words, der: _rows([_hexadecimal(der)[:200]]),
    "hexadecimal, a row a line": lambda words, der: _rows(textwrap.wrap(_hexadecimal(der), 64)),
}  # fmt: skip

# What is not made of armour and DER.
OTHERS: dict[str, str] = {
    "OpenSSH": ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode(),
    "a JSON Web Key": json.dumps(web_key()),
    "a JSON Web Key set with spaces": json.dumps({"keys": [web_key()]}, indent=2),
    "a JSON Web Key inside JSON": json.dumps({"body": json.dumps(web_key())}),
    "an XML key value": "<RSAKeyValue><Modulus>AQAB</Modulus><D>AQAB</D><InverseQ>AQAB</InverseQ></RSAKeyValue>",
    "PuTTY": "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 2\n",
}


def traces(der: bytes) -> list[str]:
    """Pieces of a key as text in which none of it may stand: base64 and hexadecimal, 24 letters at a time, behind what all keys share."""
    letters, digits = base64.b64encode(der).decode()[40:], der.hex()[60:]
    return [text[at : at + 24] for text in (letters, digits) for at in range(0, len(text) - 24, 12)]


def printed(der: bytes) -> str:
    """What `openssl pkey -text` prints of a key."""
    command = ["openssl", "pkey", "-inform", "DER", "-text", "-noout"]
    return subprocess.run(command, input=der, capture_output=True, check=True).stdout.decode()


def java_keystore(*entries: bytes) -> bytes:
    """A Java keystore of version 2; its 20 bytes of checksum are zeros."""
    return b"\xfe\xed\xfe\xed" + struct.pack(">II", 2, len(entries)) + b"".join(entries) + bytes(20)


def java_entry(certificate: x509.Certificate) -> bytes:
    """An entry of a Java keystore that is a certificate: 2, alias, day, kind, length, DER."""
    der = certificate.public_bytes(Encoding.DER)
    return struct.pack(">IH1sQH5sI", 2, 1, b"a", 0, 5, b"X.509", len(der)) + der
