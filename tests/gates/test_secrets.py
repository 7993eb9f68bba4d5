"""The gate of the secrets. The examples are put together here, so that no scanner takes this file for a leak."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gates.patch import list_unreadable, read_added_lines
from bot.gates.secret_patterns import find_secret, looks_random
from bot.gates.secrets import check
from tests.gates.contexts import make_change, make_context, make_patch

RANDOM = "q7Zp2LxV9sKd4TnB8wRf3GhJ6mCy1Ua5EoQi0XtM"
SECRETS = {
    "-----BEGIN " + "RSA PRIVATE KEY-----": "private key",
    "-----BEGIN " + "PRIVATE KEY-----": "private key",
    "id = 'AKIA" + "IOSFODNN7EXAMPL2'": "AWS access key",
    "aws_secret_access_key = " + RANDOM: "AWS secret key",
    "token: ghp_" + RANDOM[:36]: "GitHub token",
    "github_pat_" + RANDOM: "GitHub token",
    "glpat-" + RANDOM[:20]: "GitLab token",
    "xoxb-" + "123456789012-abcdefghij": "Slack token",
    "https://hooks.slack.com/services/" + "T00000000/B00000000/" + RANDOM[:24]: "Slack webhook",
    "sk_live_" + RANDOM[:24]: "Stripe key",
    "AIza" + RANDOM[:35]: "Google key",
    "sk-ant-api03-" + RANDOM: "Anthropic key",
    "eyJhbGciOiJI." + "eyJzdWIiOiIx." + RANDOM[:20]: "JSON Web Token",
    "npm_" + RANDOM[:36]: "npm token",
    "url = 'postgresql://app:" + RANDOM[:16] + "@db.example.com/shop'": "password in a URL",
    'API_KEY = "' + RANDOM + '"': "secret given to a name",
    '"password": "' + RANDOM[:20] + '",': "secret given to a name",
    "server_default='" + "x', secret_token='" + RANDOM + "'": "secret given to a name",
}
HARMLESS = (
    "password: str",
    "password = os.environ['DATABASE_PASSWORD']",
    "url = 'postgresql://postgres:postgres@localhost/shop'",
    "url = f'postgresql://{user}:{password}@{host}/shop'",
    "API_KEY = 'your-api-key-goes-here'",
    "token = 'xxxxxxxxxxxxxxxxxxxxxxxx'",
    "secret = 'correct horse battery staple'",
    "down_revision = 'e9a1f4427c83'",
    "sha256 = '" + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" + "'",
    "password_hash = Column(String(200), nullable=False)",
    "op.create_index('ix_loyalty_transactions_account_id_created_at', 'loyalty_transactions')",
)


@pytest.mark.parametrize("line", SECRETS, ids=list(SECRETS.values()))
def test_a_secret_is_found_and_not_shown(tmp_path: Path, line: str) -> None:
    patch = make_patch(tmp_path, {"a.py": b"x = 1\n"}, {"a.py": f"x = 1\n{line}\n".encode()})
    result = check(make_context(patch=patch, changes=(make_change("a.py", "modified"),)))
    assert (result.state, result.details) == ("failed", (f"`a.py`, line 2: {SECRETS[line]}",))
    assert RANDOM[:12] not in str(result)


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_secret_passes(line: str) -> None:
    assert find_secret(line) is None


def test_only_added_lines_count(tmp_path: Path) -> None:
    secret = f"ghp_{RANDOM[:36]}\n".encode()
    patch = make_patch(tmp_path, {"a": secret + b"1\n", "b": secret}, {"a": secret + b"2\n"})
    assert check(make_context(patch=patch)).state == "passed"


def test_lines_that_look_like_the_patch_are_lines_of_the_file(tmp_path: Path) -> None:
    content = f"++ b/other.py\n@@ -1 +1 @@\n-- a\ndiff --git a/x b/x\nghp_{RANDOM[:36]}".encode()
    patch = make_patch(tmp_path, {"é ä.py": b"1\n2\n"}, {"é ä.py": b"1\n" + content})
    found = list(read_added_lines(patch))
    assert [(line.path, line.number) for line in found] == [("é ä.py", number) for number in range(2, 7)]
    assert b"\n".join(line.text.encode() for line in found) == content


@pytest.mark.parametrize("name", [".env", "deploy/id_rsa", "certs/server.pem", "a/.npmrc"])
def test_files_that_usually_hold_secrets_do_not_pass(name: str) -> None:
    result = check(make_context(changes=(make_change(name),)))
    assert (result.state, result.details) == ("failed", (f"`{name}`: a file that usually holds secrets",))


def test_what_cannot_be_read_does_not_pass(tmp_path: Path) -> None:
    patch = make_patch(tmp_path, {"gone.bin": b"\0\1"}, {"new.bin": b"\0\2" + RANDOM.encode()})
    assert list_unreadable(patch) == ("gone.bin", "new.bin")
    changes = (make_change("gone.bin", "deleted", is_binary=True), make_change("new.bin", is_binary=True))
    result = check(make_context(patch=patch, changes=changes))
    assert (result.state, result.details) == ("failed", ("`new.bin`: is not text, so it was not searched",))


@given(
    st.dictionaries(
        st.text("ab", min_size=1, max_size=1), st.lists(st.text("+-@ \\ab1,\t\r\f\u2028é", max_size=8), max_size=5)
    )
)
def test_every_added_line_of_a_patch_is_read(files: dict[str, list[str]]) -> None:
    header = "diff --git a/{0} b/{0}\nnew file mode 100644\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1,{1} @@\n"
    parts = [
        header.format(name, len(lines)) + "".join(f"+{line}\n" for line in lines)
        for name, lines in files.items()
        if lines
    ]
    expected = [(name, number, line) for name, lines in files.items() for number, line in enumerate(lines, 1)]
    assert [(line.path, line.number, line.text) for line in read_added_lines("".join(parts))] == expected


def test_a_long_line_takes_no_long_time() -> None:
    for line in (
        "password" * 20_000,
        "a" * 200_000,
        "token=" + "'x" * 50_000,
        "http://" * 30_000,
        "eyJ" + "a." * 50_000,
    ):
        assert find_secret(line) is None


def test_words_do_not_look_random() -> None:
    assert looks_random(RANDOM)
    assert not looks_random("change-me-please-1")
