"""Runs for tests."""

from __future__ import annotations

from bot.store import NewRun, Store


def make_run(
    store: Store,
    delivery_id: str = "d-1",
    *,
    repository: str = "acme/shop",
    issue: int = 12,
    title: str = "Loyalty",
    body: str = "text",
    record: bool = True,
) -> int:
    """The id of the run of that delivery, which is recorded when it is not known."""
    if record:
        store.record_delivery(delivery_id, "issues", "labeled", 7, b"{}", repository)
    run, _ = store.ensure_run(
        NewRun(
            repository=repository,
            installation_id=7,
            issue=issue,
            delivery_id=delivery_id,
            actor="alice",
            actor_id=1,
            title=title,
            body=body,
            label="specwright",
        )
    )
    return run.id
