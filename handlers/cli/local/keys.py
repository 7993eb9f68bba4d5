"""A key pair for the demo's App."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEY_BITS = 2048


def write_key_pair(directory: Path) -> tuple[Path, Path]:
    """Writes a new RSA key pair (PEM) and returns (private, public). GitHub signs Apps in with RS256."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private, public = directory / "app.private.pem", directory / "app.public.pem"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public
