"""The session that endpoints ask for."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from bookshop.database import get_session

DatabaseSession = Annotated[Session, Depends(get_session)]
