"""What a lint found, what was taken back, and which rules looked; as a value and as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from bot.migration import finding as codec
from bot.migration.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that a comment takes back, and the reason that the comment gives: as hostile as the repository."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many more findings of one rule and weight there are than are kept."""

    code: str
    severity: Severity
    number: int


@dataclass(frozen=True, slots=True)
class LintResult:
    """`findings` by file, line and weight, without the `suppressed` ones; `rules` are the names of those that looked.

    squawk's are not among them when it could not be asked. `saw_upgrade` is False when the upgrade did not run: then
    the rules knew the source only. Of each rule the first findings are kept, `left_out` counts the others, and
    `more_suppressed` those that are taken back.
    """

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    rules: tuple[str, ...] = ()
    saw_upgrade: bool = True
    left_out: tuple[LeftOut, ...] = ()
    more_suppressed: int = 0

    @property
    def number_suppressed(self) -> int:
        """How many are taken back, kept or not."""
        return len(self.suppressed) + self.more_suppressed

    @property
    def quiet_rules(self) -> tuple[str, ...]:
        """Those that looked and found nothing, also nothing that is taken back."""
        found = {finding.code for finding in (*self.findings, *(item.finding for item in self.suppressed))}
        return tuple(rule for rule in self.rules if rule not in found)

    def list_findings(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of that weight."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def count_findings(self, severity: Severity) -> int:
        """How many of that weight there are, kept or not."""
        return len(self.list_findings(severity)) + sum(i.number for i in self.left_out if i.severity == severity)

    def count_left_out(self, code: str, severity: Severity) -> int:
        """How many findings of a rule are not kept."""
        return sum(item.number for item in self.left_out if (item.code, item.severity) == (code, severity))


def to_json(result: LintResult) -> dict[str, Any]:
    """The result as what `json.dumps` takes."""
    return {
        "findings": codec.to_json(result.findings),
        "suppressed": [asdict(item) for item in result.suppressed],
        "rules": list(result.rules),
        "saw_upgrade": result.saw_upgrade,
        "left_out": [asdict(item) for item in result.left_out],
        "more_suppressed": result.more_suppressed,
    }


def from_json(content: Mapping[str, Any]) -> LintResult:
    """The result that `to_json` wrote. Raises KeyError when a part is missing, `ValidationError` for another one."""
    return LintResult(
        findings=codec.from_json(content["findings"]),
        suppressed=TypeAdapter(tuple[Suppressed, ...]).validate_python(content["suppressed"]),
        rules=TypeAdapter(tuple[str, ...]).validate_python(content["rules"]),
        saw_upgrade=TypeAdapter(bool).validate_python(content["saw_upgrade"]),
        left_out=TypeAdapter(tuple[LeftOut, ...]).validate_python(content.get("left_out", ())),
        more_suppressed=TypeAdapter(int).validate_python(content.get("more_suppressed", 0)),
    )
