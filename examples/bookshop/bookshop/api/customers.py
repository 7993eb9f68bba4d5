"""/customers"""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from bookshop.api.session import DatabaseSession
from bookshop.models import Customer

router = APIRouter(prefix="/customers", tags=["customers"])


class CustomerIn(BaseModel):
    email: str = Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    name: str = Field(min_length=1, max_length=200)
    phone: str | None = Field(None, max_length=20)


class CustomerOut(CustomerIn):
    model_config = ConfigDict(from_attributes=True)

    id: int


@router.post("", status_code=201)
def add_customer(body: CustomerIn, session: DatabaseSession) -> CustomerOut:
    known = select(Customer).where(func.lower(Customer.email) == body.email.lower())
    if session.scalar(known):
        raise HTTPException(409, f"{body.email} is registered already")
    customer = Customer(**body.model_dump())
    session.add(customer)
    session.commit()
    return CustomerOut.model_validate(customer)


@router.get("/{customer_id}")
def get_customer(customer_id: int, session: DatabaseSession) -> CustomerOut:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise HTTPException(404, f"there is no customer {customer_id}")
    return CustomerOut.model_validate(customer)
