"""`specwright replay`: a recorded delivery is taken through again."""

from __future__ import annotations

import uuid

import click

from bot.config import read_settings
from bot.store import Delivery, Store, UnknownDelivery
from bot.store.upgrade import upgrade
from jobs.parts import make_parts
from jobs.queue import QueueUnavailable


@click.command()
@click.argument("delivery_id", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many to list.")
def command(delivery_id: str | None, limit: int) -> None:
    """Take the recorded delivery DELIVERY_ID through again, as a new delivery; without it, list the newest.

    A labelled issue starts a new run from the text that it had then. Whoever put the label there must still have write
    access.
    """
    parts = make_parts(read_settings())
    upgrade(parts.store.engine)
    if delivery_id is None:
        for delivery in parts.store.list_deliveries(limit):
            click.echo(_render(delivery))
        return
    copy = _copy(parts.store, delivery_id)
    try:
        parts.queue.enqueue_delivery(copy)
        parts.store.mark_delivery(copy, "queued")
        click.echo(f"queued as delivery {copy}")
    except QueueUnavailable as error:
        click.echo(f"kept as delivery {copy}; the sweep of a worker queues it when the queue is back ({error})")


def _copy(store: Store, delivery_id: str) -> str:
    try:
        delivery = store.get_delivery(delivery_id)
    except UnknownDelivery as error:
        raise click.ClickException(f"{error}; `specwright replay` lists the newest") from error
    copy = str(uuid.uuid4())
    facts = (delivery.event, delivery.action, delivery.installation_id, delivery.payload, delivery.repository)
    store.record_delivery(copy, *facts)
    return copy


def _render(delivery: Delivery) -> str:
    event = f"{delivery.event}.{delivery.action}" if delivery.action else delivery.event
    error = f"  {delivery.error}" if delivery.error else ""
    received = f"{delivery.received:%Y-%m-%d %H:%M:%S}"
    return f"{received}  {delivery.id}  {delivery.state:8}  {event:24}  {delivery.repository or '-'}{error}"
