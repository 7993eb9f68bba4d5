"""The law: the models, once edited, make exactly the schema that was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.implement.models.implement import implement_models
from tests.implement.laboratory import Laboratory, copy_bookshop, differences

CASES = {
    "new table": """
        CREATE TABLE publishers (id serial CONSTRAINT pk_publishers PRIMARY KEY, name varchar(80) NOT NULL,
            founded date)""",
    "new table with an identity": """
        CREATE TABLE shelves (id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_shelves PRIMARY KEY,
            code text NOT NULL CONSTRAINT uq_shelves_code UNIQUE)""",
    "key that the database does not make": "CREATE TABLE regions (id integer CONSTRAINT pk_regions PRIMARY KEY)",
    "names without the convention": """
        CREATE TABLE regions (id integer PRIMARY KEY, name text UNIQUE, size int CHECK (size > 0),
            author_id int REFERENCES authors (id))""",
    "foreign key on a new table": """
        CREATE TABLE reviews (id serial CONSTRAINT pk_reviews PRIMARY KEY,
            book_id integer NOT NULL CONSTRAINT fk_reviews_book_id_books REFERENCES books (id) ON DELETE CASCADE,
            customer_id integer CONSTRAINT fk_reviews_customer_id_customers REFERENCES customers (id) ON DELETE
            SET NULL,
            stars smallint NOT NULL CONSTRAINT ck_reviews_stars_range CHECK (stars BETWEEN 1 AND 5),
            body text NOT NULL DEFAULT '', created_at timestamptz NOT NULL DEFAULT now());
        CREATE INDEX ix_reviews_book_id ON reviews (book_id)""",
    "one to one": """
        CREATE TABLE profiles (id serial CONSTRAINT pk_profiles PRIMARY KEY,
            customer_id integer NOT NULL CONSTRAINT uq_profiles_customer_id UNIQUE
                CONSTRAINT fk_profiles_customer_id_customers REFERENCES customers (id))""",
    "many to many": """
        CREATE TABLE tags (id serial CONSTRAINT pk_tags PRIMARY KEY, name text NOT NULL);
        CREATE TABLE book_tags (
            book_id integer CONSTRAINT fk_book_tags_book_id_books REFERENCES books (id) ON DELETE CASCADE,
            tag_id integer CONSTRAINT fk_book_tags_tag_id_tags REFERENCES tags (id) ON DELETE CASCADE,
            CONSTRAINT pk_book_tags PRIMARY KEY (book_id, tag_id))""",
    "self reference on a new table": """
        CREATE TABLE categories (id serial CONSTRAINT pk_categories PRIMARY KEY, parent_id integer
            CONSTRAINT fk_categories_parent_id_categories REFERENCES categories (id))""",
    "self reference on an existing table": """
        ALTER TABLE books ADD COLUMN sequel_of_id integer CONSTRAINT fk_books_sequel_of_id_books REFERENCES
            books (id)""",
    "composite keys": """
        CREATE TABLE warehouses (country char(2), number integer, name text,
            CONSTRAINT pk_warehouses PRIMARY KEY (country, number));
        CREATE TABLE racks (id serial CONSTRAINT pk_racks PRIMARY KEY, country char(2), number integer,
            CONSTRAINT fk_racks_country_number_warehouses FOREIGN KEY (country,
            number) REFERENCES warehouses (country, number))""",
    "key in another order than the columns": """
        CREATE TABLE pairs (a integer, b integer, CONSTRAINT pk_pairs PRIMARY KEY (b, a))""",
    "second way to the same table": """
        ALTER TABLE orders ADD COLUMN gift_for_id integer CONSTRAINT fk_orders_gift_for_id_customers REFERENCES
            customers (id)""",
    "tables that refer to each other": """
        CREATE TABLE teams (id serial CONSTRAINT pk_teams PRIMARY KEY, captain_id integer);
        CREATE TABLE players (id serial CONSTRAINT pk_players PRIMARY KEY, team_id integer
            CONSTRAINT fk_players_team_id_teams REFERENCES teams (id));
        ALTER TABLE teams ADD CONSTRAINT fk_teams_captain_id_players FOREIGN KEY (captain_id) REFERENCES
            players (id)""",
    "new columns": """
        ALTER TABLE customers ADD COLUMN nickname varchar(40), ADD COLUMN is_vip boolean NOT NULL DEFAULT false,
            ADD COLUMN points integer NOT NULL DEFAULT 0, ADD COLUMN credit numeric(10,2) NOT NULL DEFAULT 0,
            ADD COLUMN seen_at timestamptz, ADD COLUMN settings jsonb NOT NULL DEFAULT '{}', ADD COLUMN tags text[],
            ADD COLUMN token uuid DEFAULT gen_random_uuid(), ADD COLUMN ratio double precision,
            ADD COLUMN photo bytea,
            ADD COLUMN big bigint DEFAULT 5, ADD COLUMN opens time, ADD COLUMN every interval,
            ADD COLUMN moment timestamp""",
    "awkward names": """
        ALTER TABLE customers ADD COLUMN "class" text, ADD COLUMN metadata jsonb, ADD COLUMN "Mixed Case" integer""",
    "awkward defaults": """
        ALTER TABLE customers ADD COLUMN motto text NOT NULL DEFAULT 'it''s 100% "so": a\\b :name',
            ADD COLUMN path varchar(20) DEFAULT '', ADD COLUMN day date DEFAULT CURRENT_DATE,
            ADD COLUMN low numeric DEFAULT -1.5""",
    "comments": """
        COMMENT ON TABLE customers IS 'People who "buy"'; COMMENT ON COLUMN customers.phone IS 'it''s for calls';
        COMMENT ON TABLE books IS 'What is sold'""",
    "generated column": """
        ALTER TABLE order_items ADD COLUMN total numeric GENERATED ALWAYS AS (quantity * unit_price) STORED""",
    "not null": "ALTER TABLE customers ALTER COLUMN phone SET NOT NULL",
    "null": "ALTER TABLE customers ALTER COLUMN name DROP NOT NULL",
    "type": """
        ALTER TABLE orders ALTER COLUMN note TYPE text; ALTER TABLE order_items ALTER COLUMN quantity TYPE integer;
        ALTER TABLE books ALTER COLUMN published_on TYPE timestamptz;
            ALTER TABLE books ALTER COLUMN price TYPE bigint;
        ALTER TABLE books ALTER COLUMN title TYPE varchar(500)""",
    "default": """
        ALTER TABLE books ALTER COLUMN stock SET DEFAULT 1;
            ALTER TABLE order_items ALTER COLUMN quantity SET DEFAULT 1;
        ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'paid'""",
    "default dropped": """
        ALTER TABLE books ALTER COLUMN stock DROP DEFAULT; ALTER TABLE books ALTER COLUMN created_at DROP DEFAULT""",
    "dropped column": "ALTER TABLE books DROP COLUMN isbn; ALTER TABLE customers DROP COLUMN phone",
    "dropped column with a foreign key": "ALTER TABLE books DROP COLUMN author_id",
    "constraints": """
        ALTER TABLE books ADD CONSTRAINT uq_books_author_id_title UNIQUE (author_id, title);
        ALTER TABLE books ADD CONSTRAINT ck_books_isbn_length CHECK (length(isbn) = 13);
        ALTER TABLE authors ADD CONSTRAINT uq_authors_name UNIQUE NULLS NOT DISTINCT (name);
        ALTER TABLE customers ADD CONSTRAINT uq_customers_phone UNIQUE (phone);
        ALTER TABLE customers ADD CONSTRAINT one_name UNIQUE (name) DEFERRABLE INITIALLY DEFERRED""",
    "checks of many forms": """
        ALTER TABLE customers ADD CONSTRAINT ck_customers_name_known CHECK (name IN ('a', 'b')),
            ADD CONSTRAINT ck_customers_like CHECK (email LIKE '%@%' AND name ~ '^[a-z]:x' OR phone IS NULL);
        ALTER TABLE orders ADD CONSTRAINT ck_orders_paid CHECK (status <> 'paid' OR note IS NOT NULL)""",
    "dropped constraints": """
        ALTER TABLE books DROP CONSTRAINT ck_books_price_not_negative;
            ALTER TABLE books DROP CONSTRAINT uq_books_isbn;
        ALTER TABLE books DROP CONSTRAINT fk_books_author_id_authors;
        ALTER TABLE order_items DROP CONSTRAINT ck_order_items_quantity_positive,
            DROP CONSTRAINT ck_order_items_unit_price_not_negative""",
    "indexes": """
        CREATE INDEX ix_orders_status_customer_id ON orders (status, customer_id);
        CREATE UNIQUE INDEX ix_customers_phone ON customers (phone);
        CREATE INDEX ix_books_title ON books (title);
        CREATE INDEX newest ON books (published_on DESC NULLS LAST, id);
        CREATE INDEX dear ON books (price) WHERE stock > 0 AND title IN ('a', 'b');
        CREATE INDEX words ON books USING gin (to_tsvector('english', title));
        CREATE INDEX prefix ON books (title text_pattern_ops) INCLUDE (price);
        CREATE UNIQUE INDEX one_phone ON customers (phone) NULLS NOT DISTINCT""",
    "dropped indexes": """
        DROP INDEX ix_orders_status; DROP INDEX ix_customers_email_lower; DROP INDEX ix_books_author_id""",
    "new enum on an existing table": """
        CREATE TYPE order_priority AS ENUM ('low', 'very urgent', '3rd');
        ALTER TABLE orders ADD COLUMN priority order_priority NOT NULL DEFAULT 'low'""",
    "new enum on two new tables": """
        CREATE TYPE colour AS ENUM ('red', 'green');
        CREATE TABLE cars (id serial CONSTRAINT pk_cars PRIMARY KEY, colour colour NOT NULL, others colour[]);
        CREATE TABLE bikes (id serial CONSTRAINT pk_bikes PRIMARY KEY, colour colour)""",
    "values of an enum": """
        ALTER TYPE order_status ADD VALUE 'returned' AFTER 'shipped';
            ALTER TYPE order_status ADD VALUE 'draft' BEFORE 'pending'""",
    "an existing enum on a new table": """
        CREATE TABLE changes (id serial CONSTRAINT pk_changes PRIMARY KEY,
            status order_status NOT NULL DEFAULT 'pending')""",
    "dropped table": "DROP TABLE order_items",
    "new foreign key on an existing column": """
        ALTER TABLE order_items ADD COLUMN seller_id integer;
        ALTER TABLE order_items ADD CONSTRAINT fk_order_items_seller_id_authors FOREIGN KEY (seller_id)
            REFERENCES authors (id) DEFERRABLE INITIALLY DEFERRED""",
    "changed foreign key": """
        ALTER TABLE books DROP CONSTRAINT fk_books_author_id_authors;
        ALTER TABLE books ADD CONSTRAINT fk_books_author_id_authors FOREIGN KEY (author_id) REFERENCES authors (id)
            ON DELETE CASCADE ON UPDATE CASCADE""",
    "renamed constraint": "ALTER TABLE books RENAME CONSTRAINT uq_books_isbn TO one_isbn",
    "renamed column": "ALTER TABLE customers RENAME COLUMN name TO full_name",
    "renamed table": "ALTER TABLE order_items RENAME TO order_lines",
    "exclusion": """
        CREATE TABLE bookings (id serial CONSTRAINT pk_bookings PRIMARY KEY, during tstzrange NOT NULL,
            CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE (id > 0))""",
    "table without a key": "CREATE TABLE log (at timestamptz NOT NULL DEFAULT now(), line text)",
    "rare types": """
        ALTER TABLE customers ADD COLUMN address inet, ADD COLUMN place point, ADD COLUMN code char(3),
            ADD COLUMN stamp timestamp(3) with time zone, ADD COLUMN bits bit(4), ADD COLUMN fees money,
            ADD COLUMN lang text COLLATE "C" """,
}


@pytest.mark.parametrize("ddl", CASES.values(), ids=CASES.keys())
def test_models_make_what_was_asked_for(laboratory: Laboratory, tmp_path: Path, ddl: str) -> None:
    tree = copy_bookshop(tmp_path)
    changed = laboratory.change(tree, ddl)
    implement_models(tree, changed.changes, changed.before, changed.after, RepositoryConfig(models="bookshop/models"))
    built = laboratory.read(laboratory.build(tree))
    assert differences(built, changed.after) == ()
