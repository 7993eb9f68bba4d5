"""`python -m bot.playground`: a GitHub on localhost."""

from __future__ import annotations

from pathlib import Path

import click

from bot.playground.playground import Playground
from bot.playground.running import get_url, listen, make_server
from bot.playground.server import create_app


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--dir", "directory", required=True, type=click.Path(path_type=Path), help="Where the state is kept.")
@click.option("--port", default=0, show_default="a free one", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--app-manifest", type=click.Path(exists=True, path_type=Path), help="app.yml of an App to register.")
@click.option("--app-public-key", type=click.Path(exists=True, path_type=Path), help="Its public key (PEM).")
@click.option("--app-owner", default="acme", show_default=True, help="Who owns the App.")
@click.option("--webhook-url", help="Where its webhooks go, instead of the manifest's address.")
@click.option("--webhook-secret", help="What they are signed with.", envvar="PLAYGROUND_WEBHOOK_SECRET")
def main(
    directory: Path,
    port: int,
    app_manifest: Path | None,
    app_public_key: Path | None,
    app_owner: str,
    webhook_url: str | None,
    webhook_secret: str | None,
) -> None:
    """A GitHub on localhost: API, git over HTTP, webhooks, and pages for people.

    POST /_playground/VERB creates accounts, repositories and Apps. Nobody needs a password: do not let others reach it.
    """
    try:
        listener = listen(port)
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be had: {error.strerror}") from error
    app = create_app(directory, url=get_url(listener))
    if app_manifest is not None:
        if app_public_key is None:
            raise click.UsageError("--app-manifest needs --app-public-key")
        keys = (app_manifest.read_text(), app_public_key.read_text())
        _register(app.state.playground, *keys, app_owner, webhook_url, webhook_secret)
    click.echo(f"{get_url(listener)}  (API {get_url(listener)}/api/v3, state in {directory.absolute()})")
    make_server(app).run(sockets=[listener])


def _register(playground: Playground, manifest: str, key: str, owner: str, url: str | None, secret: str | None) -> None:
    """Once: a restart finds the App in the state."""
    made = playground.ensure_app(manifest, key, owner, url, secret)
    click.echo(f"App {made['id']} ({made['slug']}), webhooks to {url or 'the address of its manifest'}")


if __name__ == "__main__":
    main()
