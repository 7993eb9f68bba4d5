"""Rules that look at the application's code."""

from __future__ import annotations

import pytest

from tests.migration.rules.conftest import Look
from tests.migration.rules.examples import Example, check_marks, find, revise

ORDER = """
class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str | None]
    total = mapped_column("total", Numeric(10, 2))
    customer: Mapped["Customer"] = relationship(back_populates="orders")
"""
PLAIN = ORDER.replace("    note: Mapped[str | None]\n", "")
NOTE = revise('op.drop_column("orders", "note")', 'op.add_column("orders", sa.Column("note", sa.Text))')
RARE = revise('op.drop_column("customers", "nickname")', 'op.add_column("customers", sa.Column("nickname", sa.Text))')
TABLE = revise('op.execute("DROP VIEW recent")\nop.drop_table("orders")')
VALUE = revise("""
    op.execute("ALTER TYPE order_status RENAME TO old_status")
    op.execute("CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped')")
    op.execute("ALTER TABLE orders ALTER status TYPE order_status USING status::text::order_status")
    op.execute("DROP TYPE old_status")
""")
BASE = """
CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'cancelled');
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, nickname text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers,
    status order_status NOT NULL, note text, title text, total numeric(10, 2));
CREATE VIEW recent AS SELECT o.id FROM orders o;
"""

SURE = {
    "mapped": (NOTE, {"shop/models.py": ORDER}, 4),
    "mapped under another name": (NOTE, {"shop/models.py": PLAIN + "    remark = Column('note', Text)\n"}, 6),
    "core table": (NOTE, {"shop/t.py": "orders = Table(\n    'orders',\n    meta,\n    Column('note', Text),\n)\n"}, 4),
    "of the class": (NOTE, {"shop/models.py": PLAIN, "shop/a.py": "q = select(Order.note)\n"}, 1),
    "of the class in its module": (NOTE, {"shop/models.py": PLAIN, "shop/a.py": "q = select(m.Order.note)\n"}, 1),
    "made with": (NOTE, {"shop/models.py": PLAIN, "shop/a.py": "x = Order(id=1, note='x')\n"}, 1),
    "SQL in a string": (NOTE, {"shop/a.py": "q = '''SELECT id,\n  note\nFROM orders'''\n"}, 1),
    "SQL in a formatted string": (NOTE, {"shop/a.py": "x = 1\nq = f'SELECT note FROM orders WHERE id = {i}'\n"}, 2),
    "SQL file": (NOTE, {"shop/q.sql": "SELECT 1;\n\nSELECT id, note\nFROM orders;\n"}, 3),
    "Flask-SQLAlchemy": (NOTE, {"shop/m.py": "class Orders(db.Model):\n    note = db.Column(db.Text)\n"}, 2),
    "SQLModel": (NOTE, {"shop/m.py": "class Orders(SQLModel, table=True):\n    note: str\n"}, 2),
    "referred to": (NOTE, {"shop/m.py": "x = mapped_column(ForeignKey('orders.note'))\n"}, 1),
    "view in an SQL file": (NOTE, {"db/v.sql": "CREATE VIEW v AS SELECT note FROM orders;\n"}, 1),
    "table mapped": (TABLE, {"shop/models.py": PLAIN}, 1),
    "table referred to": (TABLE, {"shop/m.py": "x = mapped_column(ForeignKey('orders.id'))\n"}, 1),
    "table in SQL": (TABLE, {"shop/a.py": "q = 'DELETE FROM public.orders'\n"}, 1),
    "view in SQL": (revise('op.execute("DROP VIEW recent")'), {"shop/a.py": "q = 'SELECT 1 FROM recent r'\n"}, 1),
    "value in an enumeration": (
        VALUE,
        {"shop/m.py": "class S(StrEnum):\n    A = 'pending'\n    B = 'paid'\n    D = 'cancelled'\n"},
        4,
    ),
    "value by its name": (
        VALUE,
        {"shop/m.py": "class S(Enum):\n    pending = 1\n    paid = 2\n    shipped = 3\n    cancelled = 4\n"},
        5,
    ),
    "value in sa.Enum": (VALUE, {"shop/m.py": "x = sa.Enum('pending', 'paid', 'cancelled', name='s')\n"}, 1),
    "value in a Literal": (VALUE, {"shop/m.py": "S = Literal['pending', 'shipped', 'cancelled']\n"}, 1),
    "value compared": (VALUE, {"shop/m.py": "if order.status == 'cancelled':\n    pass\n"}, 1),
    "value given": (VALUE, {"shop/m.py": "q.filter_by(status='cancelled')\n"}, 1),
    "value in SQL": (VALUE, {"shop/m.py": "q = \"SELECT 1 FROM orders WHERE status = 'cancelled'\"\n"}, 1),
}


@pytest.mark.parametrize("name", SURE)
def test_what_changed_code_still_uses_is_an_error(name: str, look: Look) -> None:
    revision, code, line = SURE[name]
    (finding,) = find("drop-still-used", look(Example((revision,), base=BASE, code=code)))
    path = max(code) if len(code) == 1 else "shop/a.py"
    assert finding.severity == "error"
    assert f"{path}:{line}: " in finding.consequence


@pytest.mark.parametrize("name", ["mapped", "table in SQL", "value compared"])
def test_what_only_the_code_of_the_base_uses_is_a_warning(name: str, look: Look) -> None:
    revision, code, _ = SURE[name]
    example = Example((revision,), base=BASE, code=code, changed=dict.fromkeys(code))
    (finding,) = find("drop-still-used", look(example))
    assert finding.severity == "warning"


UNSURE = {
    "attribute of something": (RARE, {"shop/a.py": "print(person.nickname)\n"}),
    "key": (RARE, {"shop/a.py": "x = row['nickname']\n"}),
    "template": (RARE, {"shop/page.html": "<p>{{ customer.nickname }}</p>\n"}),
}


@pytest.mark.parametrize("name", UNSURE)
def test_rare_name_that_may_mean_it_is_an_info(name: str, look: Look) -> None:
    revision, code = UNSURE[name]
    (finding,) = find("drop-still-used", look(Example((revision,), base=BASE, code=code)))
    assert finding.severity == "info"


UNUSED = {
    "nothing": (NOTE, {"shop/models.py": PLAIN}),
    "another table's": (NOTE, {"shop/m.py": ORDER.replace('"orders"\n', '"bills"\n').replace("Order(", "Bill(")}),
    "another class's": (NOTE, {"shop/models.py": PLAIN, "shop/a.py": "q = select(Bill.note)\nx = Bill(note=1)\n"}),
    "an object of unknown class": (VALUE, {"shop/m.py": "if reply.mood == 'cancelled':\n    pass\n"}),
    "name that is common": (
        revise('op.drop_column("orders", "title")'),
        {"shop/a.py": "x = book.title\ny = {'title': 1}\nz = 'a title of orders'\n"},
    ),
    "docstring and comment": (NOTE, {"shop/a.py": "'''SELECT note FROM orders'''\n# Order.note\n"}),
    "test": (NOTE, {"tests/test_a.py": "q = select(Order.note)\n", "shop/test_b.py": ORDER, "conftest.py": ORDER}),
    "migration": (NOTE, {"migrations/versions/a0.py": "op.execute('UPDATE orders SET note = 1')\n"}),
    "English": (NOTE, {"shop/a.py": "print('the note from orders where it was')\nT = 'orders.note.label'\n"}),
    "English about a table": (TABLE, {"shop/a.py": "print('removed from orders', 'select orders')\n"}),
    "English about a value": (VALUE, {"shop/a.py": "print(\"the status is 'cancelled'\")\nx = Mood('cancelled')\n"}),
    "dump": (
        NOTE,
        {"db/schema.sql": "-- the schema\nCREATE TABLE orders (\n  note text\n);\nCOMMENT ON TABLE orders IS 'note';"},
    ),
    "part of a longer name": (NOTE, {"shop/a.py": "q = 'SELECT note_id, footnote FROM orders'\n"}),
    "table of a longer name": (TABLE, {"shop/a.py": "q = 'SELECT * FROM orders_archive'\n"}),
    "hidden and foreign folders": (NOTE, {".venv/a.py": ORDER, "node_modules/a.py": ORDER, "venv/b.py": ORDER}),
    "broken file": (NOTE, {"shop/a.py": "class Order(:\n    note\n", "shop/b.sql": "\x00"}),
    "relationship": (
        revise('op.drop_column("orders", "customer_id")'),
        {"shop/m.py": PLAIN + "    customer_id = relationship('x')\n"},
    ),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_nothing_uses_may_go(name: str, look: Look) -> None:
    revision, code = UNUSED[name]
    assert find("drop-still-used", look(Example((revision,), base=BASE, code=code))) == ()


def test_rename_counts_as_a_drop(look: Look) -> None:
    revision = revise('op.alter_column("orders", "note", new_column_name="remark")')
    (finding,) = find("drop-still-used", look(Example((revision,), code={"shop/models.py": ORDER})))
    assert finding.title == "column orders.note is dropped, and the changed code still uses it"


def test_a_long_list_of_uses_is_cut(look: Look) -> None:
    code = {"shop/models.py": ORDER, "shop/a.py": "x = Order.note\n" * 9}
    (finding,) = find("drop-still-used", look(Example((NOTE,), code=code)))
    assert finding.consequence.endswith("; and 5 more.")


IMPORTS = {
    "class": "from shop.models import Order  # found",
    "module": "import shop.models  # found",
    "module of the package": "from shop import models  # found",
    "package that gathers": "from shop.gathered import Order  # found",
    "inside of a function": "def upgrade():\n    from shop.models import Order  # found\n",
    "Flask-SQLAlchemy": "from shop.flask_models import Customer  # found",
    "types only": "from shop.types import Money",
    "library": "import sqlalchemy.orm",
    "what is not there": "from shop.gone import Order",
    "the package itself": "import shop",
}
CODE = {
    "shop/__init__.py": "",
    "shop/models.py": ORDER,
    "shop/gathered/__init__.py": "from .order import Order\n",
    "shop/gathered/order.py": ORDER,
    "shop/flask_models.py": "class Customer(db.Model):\n    pass\n",
    "shop/types.py": "class Money(TypeDecorator):\n    impl = Numeric\n",
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_of_models(name: str, look: Look) -> None:
    check_marks("model-import", look(Example((IMPORTS[name],), code=CODE)))


SESSIONS = {
    "session": "from shop.models import Order\ns = Session(bind=op.get_bind())  # found\n",
    "its module": "from shop.models import Order\ns = orm.Session(op.get_bind())  # found\n",
    "factory": "from shop.models import Order\ns = sessionmaker(op.get_bind())  # found\n",
    "Flask-SQLAlchemy": "from shop.flask_models import Customer, db\ndb.session.query(Customer)  # found\n",
    "models of its own": (
        "from sqlalchemy import orm\n\nBase = orm.declarative_base()\n\n\nclass Order(Base):\n"
        "    __tablename__ = 'orders'\n    id = sa.Column(sa.Integer, primary_key=True)\n\n\n"
        "def upgrade():\n    print(orm.Session(op.get_bind()).query(Order).all())\n"
    ),
    "models without a session": "from shop.models import Order\nop.execute(sa.update(Order))\n",
}


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(name: str, look: Look) -> None:
    check_marks("orm-data-migration", look(Example((SESSIONS[name],), code=CODE)))
