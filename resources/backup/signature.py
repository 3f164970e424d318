"""The signature of a manifest: Ed25519 over its exact bytes, which `openssl pkeyutl -verify -rawin` checks without ansinh."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_BYTES = 64


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """The key that `openssl genpkey -algorithm ed25519` wrote; ValueError where it is none."""
    try:
        found = serialization.load_pem_private_key(pem, password=None)
    except (TypeError, UnsupportedAlgorithm):
        raise ValueError from None
    if not isinstance(found, Ed25519PrivateKey):
        raise ValueError
    return found


def public_key(text: str) -> Ed25519PublicKey:
    """The key in PEM, or its 32 bytes in base64; ValueError where it is none."""
    if "-----BEGIN" in text:
        try:
            found = serialization.load_pem_public_key(text.encode())
        except UnsupportedAlgorithm:
            raise ValueError from None
        if not isinstance(found, Ed25519PublicKey):
            raise ValueError
        return found
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except binascii.Error:
        raise ValueError from None


def private_pem(key: Ed25519PrivateKey) -> str:
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*kinds).decode()


def holds(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True
