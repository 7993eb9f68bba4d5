"""/orders"""

from decimal import Decimal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from bookshop.api.session import DatabaseSession
from bookshop.models import Customer, Order, OrderStatus
from bookshop.orders import OrderError, move_order, place_order

router = APIRouter(prefix="/orders", tags=["orders"])


class ItemIn(BaseModel):
    book_id: int
    quantity: int = Field(gt=0, le=1000)


class OrderIn(BaseModel):
    customer_id: int
    items: list[ItemIn]


class StatusIn(BaseModel):
    status: OrderStatus


class ItemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    book_id: int
    quantity: int
    unit_price: Decimal


class OrderOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    customer_id: int
    status: OrderStatus
    items: list[ItemOut]


@router.post("", status_code=201)
def add_order(body: OrderIn, session: DatabaseSession) -> OrderOut:
    customer = session.get(Customer, body.customer_id)
    if customer is None:
        raise HTTPException(422, f"there is no customer {body.customer_id}")
    quantities = {item.book_id: item.quantity for item in body.items}
    try:
        order = place_order(session, customer, quantities)
    except OrderError as error:
        session.rollback()
        raise HTTPException(409, str(error)) from error
    session.commit()
    return OrderOut.model_validate(order)


@router.get("/{order_id}")
def get_order(order_id: int, session: DatabaseSession) -> OrderOut:
    return OrderOut.model_validate(_get_order(order_id, session))


@router.patch("/{order_id}")
def set_status(order_id: int, body: StatusIn, session: DatabaseSession) -> OrderOut:
    order = _get_order(order_id, session)
    try:
        move_order(session, order, body.status)
    except OrderError as error:
        session.rollback()
        raise HTTPException(409, str(error)) from error
    session.commit()
    return OrderOut.model_validate(order)


def _get_order(order_id: int, session: DatabaseSession) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(404, f"there is no order {order_id}")
    return order
