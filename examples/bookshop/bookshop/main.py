"""The application."""

from fastapi import FastAPI

from bookshop.api import authors, books, customers, orders

app = FastAPI(title="Bookshop")
app.include_router(authors.router)
app.include_router(books.router)
app.include_router(customers.router)
app.include_router(orders.router)


@app.get("/health")
def get_health() -> dict[str, str]:
    return {"status": "ok"}
