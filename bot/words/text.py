"""Text from outside made harmless in Markdown: pure functions of strings.

GitHub renders more than CommonMark: mentions, references, bare links, math and emoji are found in the text that
Markdown leaves, where a backslash no longer counts. What has no escape there is broken by a zero width space, written
as an entity so that it shows in the source; Renovate does the same (`sanitizeMarkdown` in lib/util/markdown.ts).
"""

from __future__ import annotations

import re
from string import punctuation

BREAK = "&#8203;"  # zero width space
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
# Controls, lone surrogates, and what reorders or hides text (Unicode TR36, 3.5; CVE-2021-42574 for sources).
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPECIAL = re.compile(
    r"""(?P<broken>@(?=\w) | :(?=//) | :(?=[\w+-]+:) | \bwww(?=\.) | \bgh-(?=\d))
      | (?P<reference>\#(?=\d))
      | (?P<dollar>\$)
      | (?P<escaped>[\\`*_\[\]<>&|~\#])""",
    re.VERBOSE | re.IGNORECASE,
)
_LINE_START = re.compile(r"^(?:(?=[-+=])|(\d{1,9})(?=[.)]))")
# Plain text of ours becomes commit messages, where these have a meaning too.
_MENTION = re.compile(r"(?<![\w/])@(?=[\w-])")
_REFERENCE = re.compile(r"#(?=\d)|\b(GH)-(?=\d)", re.IGNORECASE)
_LINK = re.compile(r"https?://\S*/", re.IGNORECASE)
_ENTITIES = str.maketrans({char: f"&#{ord(char)};" for char in punctuation})
_SPAN = re.compile(r"(`[^`]+`)")
_BACKTICKS = re.compile(r"`+")


def clean(text: str) -> str:
    """The text with line feeds only, without terminal colours; what would hide or reorder text shows as U+FFFD."""
    plain = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(REPLACEMENT, plain)


def to_line(text: str) -> str:
    """The text on one line, every run of white space a single space."""
    return " ".join(clean(text).split())


def to_plain_line(text: str) -> str:
    """One line for a title or a commit message, in which nobody is called and no issue is referred to or closed."""
    line = _LINK.sub("", to_line(text))
    return _REFERENCE.sub(lambda match: f"{match[1] or '#'} ", _MENTION.sub("", line)).strip()


def escape_markdown(text: str) -> str:
    """One line of Markdown that shows the text and nothing else: no markup, link, image, mention or reference."""
    return _LINE_START.sub(r"\1\\", _SPECIAL.sub(_escape, to_line(text)), count=1)


def render_prose(text: str) -> str:
    """One line of Markdown in which `` `these` `` are inline code, as in our own sentences; the rest is text."""
    line = to_line(text)
    parts = (
        render_code(part[1:-1]) if _SPAN.fullmatch(part) else _SPECIAL.sub(_escape, part) for part in _SPAN.split(line)
    )
    return _LINE_START.sub(r"\1\\", "".join(parts), count=1)


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    if match["broken"]:
        return found + BREAK
    if match["reference"]:
        return "\\#" + BREAK
    # A backslash does not keep GitHub from reading math; the span is what its documentation names:
    # https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions
    return "<span>$</span>" if match["dollar"] else "\\" + found


def render_code(text: str) -> str:
    """Inline code. A text with a pipe becomes a `<code>` element, since a pipe would end the cell of a table."""
    line = clean(text).replace("\n", " ").replace("\t", " ")
    if not line.strip():
        return "(empty)"
    if "|" in line:
        return f"<code>{line.translate(_ENTITIES)}</code>"
    longest = max((len(run) for run in _BACKTICKS.findall(line)), default=0)
    ticks = "`" * (longest + 1)
    needs_space = line[0] in "` " or line[-1] in "` "  # one space on either side is taken off (CommonMark 6.1)
    return f"{ticks} {line} {ticks}" if needs_space else f"{ticks}{line}{ticks}"


def render_fence(text: str, language: str = "") -> str:
    """A fenced block, its fence longer than any run of backticks in the text."""
    body = clean(text).strip("\n")
    longest = max((len(run) for run in _BACKTICKS.findall(body)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


def clip(text: str, max_characters: int) -> str:
    """The beginning of a long text, an ellipsis at its end."""
    return text if len(text) <= max_characters else f"{text[: max_characters - 1].rstrip()}…"


def cut_head(text: str, max_characters: int) -> str:
    """The end of a long text, from a whole line on, under a line that says how much was left out."""
    if len(text) <= max_characters:
        return text
    end = text[-max_characters:]
    kept = end.partition("\n")[2] or end
    return f"… {len(text) - len(kept):,} characters before this are left out\n{kept}"


def render_duration(duration_seconds: float) -> str:
    """A duration as people read it: 0.42 s, 4.2 s, 2 min 05 s."""
    if duration_seconds < 1:
        return f"{duration_seconds:.2f} s"
    if duration_seconds < 59.95:
        return f"{duration_seconds:.1f} s"
    minutes, seconds = divmod(round(duration_seconds), 60)
    return f"{minutes} min {seconds:02d} s"


def render_amount(number: int) -> str:
    """An estimated number, to two or three digits: 940, 12,300, 1.2 million."""
    for unit, name in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if number >= unit * 0.9995:
            scaled = number / unit
            return f"{scaled:.1f} {name}".replace(".0 ", " ") if scaled < 10 else f"{scaled:,.0f} {name}"
    return f"{round(number, -2):,}" if number >= 10_000 else f"{number:,}"


def render_bytes(size_bytes: int) -> str:
    """A size as people say it, in powers of ten: 48 kB, 3.1 GB."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size_bytes >= unit * 0.9995:
            scaled = size_bytes / unit
            return f"{scaled:.1f} {name}".replace(".0 ", " ") if scaled < 10 else f"{scaled:,.0f} {name}"
    return f"{size_bytes} bytes"
