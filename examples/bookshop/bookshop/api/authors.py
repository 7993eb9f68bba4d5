"""/authors"""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from bookshop.api.session import DatabaseSession
from bookshop.models import Author

router = APIRouter(prefix="/authors", tags=["authors"])


class AuthorIn(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    biography: str | None = None


class AuthorOut(AuthorIn):
    model_config = ConfigDict(from_attributes=True)

    id: int


@router.get("")
def list_authors(session: DatabaseSession) -> list[AuthorOut]:
    authors = session.scalars(select(Author).order_by(Author.name, Author.id))
    return [AuthorOut.model_validate(author) for author in authors]


@router.get("/{author_id}")
def get_author(author_id: int, session: DatabaseSession) -> AuthorOut:
    author = session.get(Author, author_id)
    if author is None:
        raise HTTPException(404, f"there is no author {author_id}")
    return AuthorOut.model_validate(author)


@router.post("", status_code=201)
def add_author(body: AuthorIn, session: DatabaseSession) -> AuthorOut:
    author = Author(**body.model_dump())
    session.add(author)
    session.commit()
    return AuthorOut.model_validate(author)
