"""The work itself: implement, have it checked, repair, have it reviewed, repair, until nothing is found any more.

implement ──finish──► checks ──green──► review ──nothing found──► finished
    ▲                   │                  │
    └───── repair ◄─────┴──────────────────┘
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.implement.claude.conversation import Desk, Ended, Talk, converse
from bot.implement.claude.place import Place
from bot.implement.claude.stages import Brief, review
from bot.implement.claude.tools.ask import Question
from bot.implement.claude.tools.finish import Summary
from bot.words.loader import render_prompt

ROUNDS = 5  # of finish and checks; what fails after the last one makes a draft
REVIEWS = 2
CONVERSATION = "implement"

Judge = Callable[[Summary], Sequence[str]]


class Asked(Exception):
    """The model cannot go on without an answer."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__(f"{len(questions)} questions")
        self.questions = tuple(questions)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work ended: `status` is a named end ("finished", "out of budget", "out of time", "failed").

    `summary` is the last one that was handed over, `found` what a review found and nobody repaired. What fails of the
    checks is not said here: they are run again, and speak for themselves.
    """

    status: str
    reason: str = ""
    summary: Summary | None = None
    found: tuple[str, ...] = ()


def implement(desk: Desk, brief: Brief, place: Place, task: str, judge: Judge) -> Outcome:
    """Does the work. `judge` runs the checks on what stands and says what does not hold, a line each.

    Raises `Asked`, `ModelError`, and `Ended` when the model refuses.
    """
    talk = Talk(CONVERSATION, brief.system, place)
    outcome, words, reviews = Outcome("failed"), [brief.context, task], 0
    try:
        for number in range(1, ROUNDS + 1):
            summary, by = _work(desk, talk, number, words), "checks"
            found = _check(desk, judge, summary, number)
            if not found and reviews < REVIEWS:
                found, by, reviews = _review(desk, brief, place, number), "review", reviews + 1
            outcome = Outcome("finished", summary=summary, found=found if by == "review" else ())
            if not found:
                break
            words = [render_prompt("repair.md", found=found, by=by, round=number + 1, rounds=ROUNDS)]
    except Ended as end:
        if end.status == "refused":
            raise
        return Outcome(end.status, end.reason, outcome.summary, outcome.found)
    return outcome


def _work(desk: Desk, talk: Talk, number: int, words: Sequence[str]) -> Summary:
    """The conversation up to the next summary."""
    ending = converse(desk, talk, f"{CONVERSATION}-{number}", words).ending or {}
    if ending.get("kind") == "asked":
        raise Asked([Question.model_validate(item) for item in ending["questions"]])
    return Summary.model_validate({key: value for key, value in ending.items() if key != "kind"})


def _check(desk: Desk, judge: Judge, summary: Summary, number: int) -> tuple[str, ...]:
    found = desk.transcript.keep(f"checks-{number}", lambda: {"found": list(judge(summary))})
    return tuple(found["found"])


def _review(desk: Desk, brief: Brief, place: Place, number: int) -> tuple[str, ...]:
    answer = review(desk, brief, place.tree.patch(), number)
    return tuple(f"{defect.severity}: {defect.path}: {defect.what}" for defect in answer.defects)
