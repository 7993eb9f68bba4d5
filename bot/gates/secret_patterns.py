"""What secrets look like: few forms that are rarely anything else. None of them shows its value.

The shapes are those that their makers document or scan for; GitHub lists them all at
https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

MINIMUM_ENTROPY = 3.5  # bits a character; English words have some 2.5 to 3.2, random base64 of this length some 4


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """A form of secret. With `is_guess`, group 1 is the value and must look random as well."""

    kind: str
    regex: re.Pattern[str]
    is_guess: bool = False


def _exact(kind: str, regex: str) -> SecretPattern:
    return SecretPattern(kind, re.compile(regex))


PATTERNS = (
    _exact("private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    _exact("AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    _exact("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    _exact("GitLab token", r"\bgl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,}"),
    _exact("Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}"),
    _exact("Slack webhook", r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{20,}"),
    _exact("Stripe key", r"\b(?:[rs]k_live_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,})"),
    _exact("Google key", r"\b(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{28})"),
    _exact("Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    _exact("OpenAI key", r"\bsk-[A-Za-z0-9_-]{10,}T3BlbkFJ[A-Za-z0-9_-]{10,}"),
    _exact("SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _exact("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _exact("PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{20,}"),
    _exact("JSON Web Token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    SecretPattern(
        "AWS secret key",
        re.compile(
            r"(?i)\baws[\w.-]{0,30}(?:secret|key)[\w.-]{0,30}[\"']?\s{0,8}[:=]\s{0,8}[\"']?([A-Za-z0-9/+]{40})\b"
        ),
        is_guess=True,
    ),
    SecretPattern(
        "password in a URL",
        re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s:/@\"'{}$<>]{1,100}:([^\s:/@\"'{}$<>]{8,200})@"),
        is_guess=True,
    ),
    SecretPattern(
        "secret given to a name",
        re.compile(
            r"(?i)(?:password|passwd|pwd|secret|token|api_?key|access_?key|private_?key|credential)[\w.-]{0,30}"
            r"[\"']?\]?\s{0,8}(?::|=>?|:=)\s{0,8}[\"']([^\s\"'{}$<>]{16,500})[\"']"
        ),
        is_guess=True,
    ),
)


def find_secret(line: str) -> str | None:
    """The kind of secret that the line holds."""
    for pattern in PATTERNS:
        for match in pattern.regex.finditer(line):
            if not pattern.is_guess or looks_random(match[1]):
                return pattern.kind
    return None


def looks_random(value: str) -> bool:
    """Whether a value is more than words: letters and digits mixed, few characters repeated."""
    has_both = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return has_both and measure_entropy(value) >= min(MINIMUM_ENTROPY, 0.85 * math.log2(len(value)))


def measure_entropy(value: str) -> float:
    """Shannon entropy, in bits a character."""
    length = len(value)
    return -sum(number / length * math.log2(number / length) for number in Counter(value).values())
