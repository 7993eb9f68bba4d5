"""Git over HTTP: requests are handed to `git http-backend`, after it was checked who asks.

https://git-scm.com/docs/git-http-backend and https://www.rfc-editor.org/rfc/rfc3875 (CGI)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.playground.access import Anonymous, AsApp, AsInstallation, AsPerson, Caller, may, may_see
from bot.playground.actions import Actor
from bot.playground.actions.pushes import follow_push
from bot.playground.errors import Refused
from bot.playground.git import make_environment
from bot.playground.sign_in import find_caller
from bot.playground.site import Site, Work
from bot.playground.tables import Account, App, Repository

UPLOAD, RECEIVE = "git-upload-pack", "git-receive-pack"
CHUNK_BYTES = 64 * 1024
HEADER_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom git works for, and on which repository. `may_change_workflows` is a permission of the App's."""

    repository_id: int
    path: Path
    login: str
    account_id: int | None
    app_id: int | None
    may_change_workflows: bool


def make_git_routes(site: Site) -> list[Route]:
    """The three routes of the smart protocol; the repository's name may end in .git or not."""

    async def answer(request: Request) -> Response:
        service = _find_service(request)
        if service not in (UPLOAD, RECEIVE):
            return PlainTextResponse("Please upgrade your git client.\n", 403)  # no dumb protocol, as on GitHub
        try:
            admission = await run_in_threadpool(_admit, site, request, service)
        except Refused as refused:
            challenge = {"WWW-Authenticate": 'Basic realm="GitHub"'} if refused.status == 401 else {}
            return PlainTextResponse(refused.message + "\n", refused.status, challenge)
        return await _serve(site, request, service, admission)

    return [
        Route("/{owner}/{name}/info/refs", answer, methods=["GET"]),
        *(Route(f"/{{owner}}/{{name}}/{service}", answer, methods=["POST"]) for service in (UPLOAD, RECEIVE)),
    ]


def _find_service(request: Request) -> str:
    if request.method == "GET":
        return request.query_params.get("service", "")
    return request.url.path.rsplit("/", 1)[-1]


def _admit(site: Site, request: Request, service: str) -> Admission:
    owner, name = request.path_params["owner"], request.path_params["name"].removesuffix(".git")
    with site.open() as work:
        try:
            caller = find_caller(work, request.headers.get("authorization"))
        except Refused as refused:
            raise Refused(401, "Invalid username or token.") from refused
        repository = work.find_repository(owner, name)
        if repository is None or not _may(work, caller, repository, service):
            raise _refuse(work, caller, repository, f"{owner}/{name}")
        return _make_admission(work, caller, repository)


def _may(work: Work, caller: Caller, repository: Repository, service: str) -> bool:
    if isinstance(caller, AsApp) or (isinstance(caller, Anonymous) and service == RECEIVE):
        return False
    return may(work, caller, repository, "contents", "write" if service == RECEIVE else "read")


def _refuse(work: Work, caller: Caller, repository: Repository | None, name: str) -> Refused:
    """GitHub asks who it is first, then says 404 for what may not be seen and 403 for what may not be done."""
    if isinstance(caller, Anonymous):
        return Refused(401, "Repository not found.")
    if repository is None or isinstance(caller, AsApp) or not may_see(work, caller, repository):
        return Refused(404, "Repository not found.")
    account = caller.installation.app.bot if isinstance(caller, AsInstallation) else caller.account
    return Refused(403, f"Permission to {name}.git denied to {account.login}.")


def _make_admission(work: Work, caller: Caller, repository: Repository) -> Admission:
    path = work.get_bare(repository).path
    if isinstance(caller, AsInstallation):
        may_change = may(work, caller, repository, "workflows", "write")
        app = caller.installation.app
        return Admission(repository.id, path, app.bot.login, app.bot_id, app.id, may_change)
    if isinstance(caller, AsPerson):
        return Admission(repository.id, path, caller.account.login, caller.account.id, None, True)
    return Admission(repository.id, path, "", None, None, True)


async def _serve(site: Site, request: Request, service: str, admission: Admission) -> Response:
    if request.method == "GET" or service == UPLOAD:
        return await _run(request, service, admission)
    # One push to a repository at a time, so that what changed can be told from before and after.
    async with site.push_locks[admission.repository_id]:
        before = await run_in_threadpool(_list_refs, site, admission)
        response = await _run(request, service, admission)
        body = b"".join([chunk async for chunk in _iterate(response)])
        await run_in_threadpool(_follow, site, admission, before)
    return Response(body, response.status_code, dict(response.headers))


async def _iterate(response: StreamingResponse) -> AsyncIterator[bytes]:
    async for chunk in response.body_iterator:
        yield bytes(chunk) if not isinstance(chunk, str) else chunk.encode()


def _list_refs(site: Site, admission: Admission) -> dict[str, str]:
    with site.open() as work:
        repository = work.session.get_one(Repository, admission.repository_id)
        return work.get_bare(repository).list_refs()


def _follow(site: Site, admission: Admission, before: dict[str, str]) -> None:
    with site.open() as work:
        repository = work.session.get_one(Repository, admission.repository_id)
        account = work.session.get_one(Account, admission.account_id)
        app = None if admission.app_id is None else work.session.get(App, admission.app_id)
        after = work.get_bare(repository).list_refs()
        follow_push(work, repository, Actor(account, app), before, after)


def _make_variables(request: Request, service: str, admission: Admission) -> dict[str, str]:
    path = "/info/refs" if request.method == "GET" else f"/{service}"
    variables = {
        "GIT_PROJECT_ROOT": str(admission.path),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": f"service={service}" if request.method == "GET" else "",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "REMOTE_USER": admission.login,
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
    }
    if admission.app_id is not None and not admission.may_change_workflows:
        variables["PLAYGROUND_APP"] = admission.login
    return make_environment({name: value for name, value in variables.items() if value})


async def _run(request: Request, service: str, admission: Admission) -> StreamingResponse:
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        env=_make_variables(request, service, admission),
        cwd=admission.path,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=HEADER_LIMIT_BYTES,
    )
    feeder = asyncio.create_task(_feed(request, process))
    try:
        status, headers = await _read_headers(process)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        await _end(process, feeder)
        raise
    return StreamingResponse(_stream(process, feeder), status, headers)


async def _feed(request: Request, process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None  # noqa: S101 (PIPE)
    try:
        async for chunk in request.stream():
            process.stdin.write(chunk)
            await process.stdin.drain()
    except (ClientDisconnect, ConnectionError):
        pass  # git ends by itself at the end of its input
    finally:
        process.stdin.close()


async def _read_headers(process: asyncio.subprocess.Process) -> tuple[int, dict[str, str]]:
    assert process.stdout is not None  # noqa: S101 (PIPE)
    head = (await process.stdout.readuntil(b"\r\n\r\n")).decode("latin-1")
    pairs = [line.partition(":") for line in head.split("\r\n") if ":" in line]
    headers = {name: value.strip() for name, _, value in pairs}
    status = headers.pop("Status", "200 OK")
    return int(status.split()[0]), headers


async def _stream(process: asyncio.subprocess.Process, feeder: asyncio.Task[None]) -> AsyncIterator[bytes]:
    assert process.stdout is not None  # noqa: S101 (PIPE)
    try:
        while chunk := await process.stdout.read(CHUNK_BYTES):
            yield chunk
    finally:
        await _end(process, feeder)


async def _end(process: asyncio.subprocess.Process, feeder: asyncio.Task[None]) -> None:
    feeder.cancel()
    if process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()
