"""/books"""

from datetime import date
from decimal import Decimal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from bookshop.api.session import DatabaseSession
from bookshop.models import Author, Book

router = APIRouter(prefix="/books", tags=["books"])


class BookIn(BaseModel):
    author_id: int
    title: str = Field(min_length=1, max_length=300)
    isbn: str | None = Field(None, pattern=r"^\d{13}$")
    price: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    published_on: date | None = None
    stock: int = Field(0, ge=0)


class BookOut(BookIn):
    model_config = ConfigDict(from_attributes=True)

    id: int


@router.get("")
def list_books(session: DatabaseSession, author_id: int | None = None) -> list[BookOut]:
    query = select(Book).order_by(Book.title, Book.id)
    if author_id is not None:
        query = query.where(Book.author_id == author_id)
    return [BookOut.model_validate(book) for book in session.scalars(query)]


@router.post("", status_code=201)
def add_book(body: BookIn, session: DatabaseSession) -> BookOut:
    if session.get(Author, body.author_id) is None:
        raise HTTPException(422, f"there is no author {body.author_id}")
    if body.isbn and session.scalar(select(Book).where(Book.isbn == body.isbn)):
        raise HTTPException(409, f"there is a book with the ISBN {body.isbn} already")
    book = Book(**body.model_dump())
    session.add(book)
    session.commit()
    return BookOut.model_validate(book)
