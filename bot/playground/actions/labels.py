"""The labels of a repository."""

from __future__ import annotations

import re

import sqlalchemy as sa

from bot.playground.actions import Actor
from bot.playground.errors import invalid
from bot.playground.shapes.issue import render_label
from bot.playground.site import Work
from bot.playground.tables import Label, Repository
from bot.playground.webhooks.emit import emit

PLAIN_COLOR = "ededed"  # of a label that is made by being put on an issue
MAXIMUM_NAME = 50
COLOR = re.compile(r"[0-9A-Fa-f]{6}")


def find_label(work: Work, repository: Repository, name: str) -> Label | None:
    """The label of that name, whatever its case."""
    return work.session.scalar(sa.select(Label).where(Label.repository_id == repository.id, Label.name == name))


def list_labels(work: Work, repository: Repository) -> list[Label]:
    """The labels of the repository, by name."""
    return list(work.session.scalars(sa.select(Label).where(Label.repository_id == repository.id).order_by(Label.name)))


def ensure_label(work: Work, repository: Repository, actor: Actor, name: str) -> Label:
    """The label of that name, made when there is none."""
    found = find_label(work, repository, name.strip())
    return found or create_label(work, repository, actor, name, PLAIN_COLOR, None)


def create_label(
    work: Work, repository: Repository, actor: Actor, name: str, color: str, description: str | None
) -> Label:
    """A new label. Refuses names that are taken, empty or too long, and colours that are none."""
    name = name.strip()
    if not name:
        raise invalid("Label", "name", "missing_field")
    if len(name) > MAXIMUM_NAME:
        raise invalid("Label", "name", "custom", f"name is too long (maximum is {MAXIMUM_NAME} characters)")
    if not COLOR.fullmatch(color):
        raise invalid("Label", "color")
    if find_label(work, repository, name) is not None:
        raise invalid("Label", "name", "already_exists")
    label = Label(repository_id=repository.id, name=name, color=color.lower(), description=description)
    work.add(label)
    emit(work, "label", "created", repository, actor.account, lambda: {"label": render_label(work, repository, label)})
    return label
