"""What a scripted model answers to examples/specs/01-loyalty.md: real code for examples/bookshop, with two mistakes.

To the spec's data model it adds an index, because an order that is deleted looks for its movements.

It forgets to include its router, and to tie a criterion to a test: the tests and the checks must find that.
"""

from __future__ import annotations

import json
from typing import Any

from bot.playground.claude.script import Answer, Asked, Call, edit, use

LOGIC = '''"""The loyalty programme: joining, reading the movements, exchanging points for rewards."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookshop.models import Customer, LoyaltyAccount, LoyaltyReward, LoyaltyTransaction
from bookshop.models.loyalty import LoyaltyReason

LATEST = 20


class LoyaltyError(Exception):
    """The programme's rules forbid it; the message is for the customer."""


def join(session: Session, customer: Customer) -> LoyaltyAccount:
    """A new account. The customer's row is locked, so that two requests cannot both find none."""
    session.get(Customer, customer.id, with_for_update=True)
    if find_account(session, customer) is not None:
        raise LoyaltyError("the customer is a member already")
    account = LoyaltyAccount(customer_id=customer.id)
    session.add(account)
    session.flush()
    session.refresh(account)
    return account


def find_account(session: Session, customer: Customer) -> LoyaltyAccount | None:
    return session.scalar(select(LoyaltyAccount).where(LoyaltyAccount.customer_id == customer.id))


def list_latest(session: Session, account: LoyaltyAccount) -> Sequence[LoyaltyTransaction]:
    """The latest movements, the newest first."""
    query = select(LoyaltyTransaction).where(LoyaltyTransaction.account_id == account.id)
    newest = (LoyaltyTransaction.created_at.desc(), LoyaltyTransaction.id.desc())
    return session.scalars(query.order_by(*newest).limit(LATEST)).all()


def redeem(session: Session, account: LoyaltyAccount, reward: LoyaltyReward) -> None:
    """Take the reward's price from the balance and note why, both or neither."""
    session.refresh(account, with_for_update=True)
    if not reward.is_available:
        raise LoyaltyError(f"the reward {reward.name!r} is not available")
    if account.points_balance < reward.points_price:
        raise LoyaltyError(f"{reward.points_price} points are needed, the balance is lower")
    account.points_balance -= reward.points_price
    movement = LoyaltyTransaction(
        account_id=account.id, points=-reward.points_price, reason=LoyaltyReason.REDEMPTION
    )
    session.add(movement)
    session.flush()
'''

API = '''"""/customers/{customer_id}/loyalty"""

from datetime import datetime

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from bookshop.api.session import DatabaseSession
from bookshop.loyalty import LoyaltyError, find_account, join, list_latest, redeem
from bookshop.models import Customer, LoyaltyAccount, LoyaltyReward
from bookshop.models.loyalty import LoyaltyReason, LoyaltyStatus

router = APIRouter(prefix="/customers/{customer_id}/loyalty", tags=["loyalty"])


class MovementOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    points: int
    reason: LoyaltyReason
    created_at: datetime


class AccountOut(BaseModel):
    points_balance: int
    status: LoyaltyStatus
    tier: str | None
    movements: list[MovementOut]


class RedemptionIn(BaseModel):
    reward_id: int


@router.post("", status_code=201)
def join_programme(customer_id: int, session: DatabaseSession) -> AccountOut:
    customer = _get_customer(customer_id, session)
    try:
        account = join(session, customer)
    except LoyaltyError as error:
        session.rollback()
        raise HTTPException(409, str(error)) from error
    session.commit()
    return _show(account, session)


@router.get("")
def get_account(customer_id: int, session: DatabaseSession) -> AccountOut:
    return _show(_get_account(customer_id, session), session)


@router.post("/redemptions", status_code=201)
def add_redemption(customer_id: int, body: RedemptionIn, session: DatabaseSession) -> AccountOut:
    account = _get_account(customer_id, session)
    reward = session.get(LoyaltyReward, body.reward_id)
    if reward is None:
        raise HTTPException(422, f"there is no reward {body.reward_id}")
    try:
        redeem(session, account, reward)
    except LoyaltyError as error:
        session.rollback()
        raise HTTPException(409, str(error)) from error
    session.commit()
    return _show(account, session)


def _get_customer(customer_id: int, session: Session) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise HTTPException(404, f"there is no customer {customer_id}")
    return customer


def _get_account(customer_id: int, session: Session) -> LoyaltyAccount:
    account = find_account(session, _get_customer(customer_id, session))
    if account is None:
        raise HTTPException(404, f"the customer {customer_id} is no member")
    return account


def _show(account: LoyaltyAccount, session: Session) -> AccountOut:
    return AccountOut(
        points_balance=account.points_balance,
        status=account.status,
        tier=None if account.tier is None else account.tier.name,
        movements=[MovementOut.model_validate(item) for item in list_latest(session, account)],
    )
'''

TESTS = '''"""The loyalty programme, as a client sees it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from bookshop.models import Customer, LoyaltyAccount, LoyaltyReward


@pytest.fixture
def path(client: TestClient, customer: Customer) -> str:
    """The account of a customer who has joined."""
    path = f"/customers/{customer.id}/loyalty"
    assert client.post(path).status_code == 201
    return path


@pytest.fixture
def reward(session: Session) -> LoyaltyReward:
    reward = LoyaltyReward(name="A bookmark", points_price=30)
    session.add(reward)
    session.flush()
    return reward


def give(session: Session, points: int) -> None:
    session.execute(update(LoyaltyAccount).values(points_balance=points))
    session.commit()


def test_ac_1_a_customer_joins_once(client: TestClient, path: str) -> None:
    assert client.post(path).status_code == 409


def test_ac_2_a_new_account_is_empty_and_active(client: TestClient, path: str) -> None:
    account = client.get(path).json()
    assert (account["points_balance"], account["status"]) == (0, "active")


def test_ac_3_the_balance_never_falls_below_zero(
    client: TestClient, session: Session, path: str, reward: LoyaltyReward
) -> None:
    give(session, 29)
    assert client.post(f"{path}/redemptions", json={"reward_id": reward.id}).status_code == 409
    assert client.get(path).json()["points_balance"] == 29


def test_ac_4_a_redemption_is_a_movement(
    client: TestClient, session: Session, path: str, reward: LoyaltyReward
) -> None:
    give(session, 100)
    account = client.post(f"{path}/redemptions", json={"reward_id": reward.id}).json()
    assert account["points_balance"] == 70
    assert [(item["points"], item["reason"]) for item in account["movements"]] == [(-30, "redemption")]


def test_ac_6_the_latest_twenty_movements_are_shown(
    client: TestClient, session: Session, path: str, reward: LoyaltyReward
) -> None:
    give(session, 1000)
    for _ in range(21):
        client.post(f"{path}/redemptions", json={"reward_id": reward.id})
    account = client.get(path).json()
    assert (account["points_balance"], len(account["movements"])) == (370, 20)


def test_what_is_not_there(client: TestClient, customer: Customer, path: str) -> None:
    assert client.get("/customers/0/loyalty").status_code == 404
    assert client.post(f"{path}/redemptions", json={"reward_id": 0}).status_code == 422
'''

IMPORTS = "from bookshop.api import authors, books, customers, orders\n"
INCLUDE = "app.include_router(orders.router)\n"
TEST_FILE = "tests/test_loyalty.py"
CRITERIA = {
    "AC-1": "test_ac_1_a_customer_joins_once",
    "AC-2": "test_ac_2_a_new_account_is_empty_and_active",
    "AC-3": "test_ac_3_the_balance_never_falls_below_zero",
    "AC-4": "test_ac_4_a_redemption_is_a_movement",
    "AC-5": None,
    "AC-6": "test_ac_6_the_latest_twenty_movements_are_shown",
}
ENDPOINTS = [
    "POST /customers/{customer_id}/loyalty",
    "GET /customers/{customer_id}/loyalty",
    "POST /customers/{customer_id}/loyalty/redemptions",
]


def answer(asked: Asked) -> Answer:
    """A good engineer, who makes two mistakes and repairs them when told."""
    if asked.stage != "implement":
        return answer_in_form(asked)
    if asked.turn < len(OPENING):
        return OPENING[asked.turn]
    if "has no test that ran and passed" in asked.last:
        return finish(CRITERIA)
    if "failed" in asked.last and "404" in asked.last and "main.py is changed" not in asked.everything:
        return Answer(thinking="The router is not included.", calls=(_replace(IMPORTS), _replace(INCLUDE)))
    if "main.py is changed" in asked.last:
        return use("run_tests")
    return finish({name: test for name, test in CRITERIA.items() if name != "AC-6"})


def answer_in_form(asked: Asked) -> Answer:
    """Analysis, plan and review, in which nothing is found."""
    if asked.stage == "analyse":
        return Answer(json.dumps(make_analysis()), thinking="Let me read the spec.")
    if asked.stage == "plan":
        what = {"layer": "api", "path": "bookshop/api/loyalty.py", "action": "add", "what": "The three endpoints."}
        return Answer(json.dumps({"files": [what]}))
    return Answer('{"defects": []}')


def make_analysis(**given: Any) -> dict[str, Any]:
    """An analysis that finds nothing open, but for what is given."""
    empty: dict[str, Any] = {"entities": [], "endpoints": [], "criteria": [], "constraints": [], "assumptions": []}
    return {**empty, "gaps": [], **given}


def finish(criteria: dict[str, str | None], **given: Any) -> Answer:
    """The summary that ties these criteria to their tests."""
    tied = [
        {"id": name, "files": ["bookshop/loyalty.py"], "tests": [f"{TEST_FILE}::{test}"] if test else []}
        for name, test in criteria.items()
    ]
    done = ["joining, reading the balance and exchanging points, in `bookshop/loyalty.py`"]
    summary = {"criteria": tied, "endpoints": ENDPOINTS, "done": done, "not_done": [], "notes": [], **given}
    return Answer(thinking="All green.", calls=(Call("finish", summary),))


def _replace(text: str) -> Call:
    new = text.replace("customers, orders", "customers, loyalty, orders") if text == IMPORTS else text
    new += "app.include_router(loyalty.router)\n" if text == INCLUDE else ""
    given = {"command": "str_replace", "path": "bookshop/main.py", "old_str": text, "new_str": new}
    return Call("str_replace_based_edit_tool", given)


ORDER = 'ForeignKey("orders.id", ondelete="SET NULL")'
OPENING = (
    edit("view", "bookshop/models/loyalty.py"),
    edit("str_replace", "bookshop/models/loyalty.py", old_str=ORDER, new_str=f"{ORDER}, index=True"),
    use("write_migration"),
    use("prove_migration"),
    edit("create", "bookshop/loyalty.py", file_text=LOGIC),
    edit("create", "bookshop/api/loyalty.py", file_text=API),
    edit("create", TEST_FILE, file_text=TESTS),
    use("run_tests", tests=[TEST_FILE]),
)
