"""What people and Apps do: the state changes, and the webhooks tell of it. Who may do it was checked before."""

from __future__ import annotations

from dataclasses import dataclass

from bot.playground.tables import Account, App


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it; `app` when an App does."""

    account: Account
    app: App | None = None

    @property
    def app_id(self) -> int | None:
        """The App's id."""
        return None if self.app is None else self.app.id
