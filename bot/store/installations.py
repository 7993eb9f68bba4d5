"""Where the App is installed, and on which repositories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import InstallationRow


@dataclass(frozen=True, slots=True)
class Installations:
    """The `installations` table."""

    engine: sa.Engine

    def ensure(self, installation_id: int, account: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Notes the installation as present, with these repositories added and those removed."""
        with Session(self.engine) as session, session.begin():
            row = session.get(InstallationRow, installation_id)
            known = set(row.repositories) if row is not None else set()
            session.merge(
                InstallationRow(
                    id=installation_id,
                    account=account,
                    repositories=sorted((known | set(add)) - set(remove)),
                    removed=None,
                )
            )

    def remove(self, installation_id: int) -> None:
        """Notes the installation as gone; what it did is kept."""
        with Session(self.engine) as session, session.begin():
            row = session.get(InstallationRow, installation_id)
            if row is not None:
                row.removed, row.repositories = datetime.now(UTC), []

    def find_repositories(self, installation_id: int) -> Sequence[str] | None:
        """The repositories of a present installation, None when it is unknown or gone."""
        with Session(self.engine) as session:
            row = session.get(InstallationRow, installation_id)
            return None if row is None or row.removed is not None else tuple(row.repositories)
