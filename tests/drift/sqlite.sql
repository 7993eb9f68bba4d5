-- Single differences of an SQLite database, and what is told of each.

-- name: a table that nobody declared
-- told: correctness: table backup: only in production, not in the migrations
CREATE TABLE backup (id integer);

-- name: a table is gone
-- told: correctness: table items: missing in production
DROP TABLE items;

-- name: a column that nobody declared
-- told: correctness: column orders.hand_made: only in production, not in the migrations
ALTER TABLE orders ADD COLUMN hand_made text;

-- name: a column is gone
-- told: correctness: column orders.note: missing in production
ALTER TABLE orders DROP COLUMN note;

-- name: an index that nobody declared
-- told: performance: index ix_by_hand on orders: only in production, not in the migrations
CREATE INDEX ix_by_hand ON orders (note);

-- name: an index is gone
-- told: performance: index ix_orders_status on orders: missing in production
DROP INDEX ix_orders_status;

-- name: an index of other rows
-- told: performance: index ix_orders_open on orders: (id) where status = 'pending', now (id) where status = 'paid'
DROP INDEX ix_orders_open; CREATE INDEX ix_orders_open ON orders (id) WHERE status = 'paid';

-- name: an index is unique no more
-- told: data: index ux_customers_email on customers: unique (email), now (email)
DROP INDEX ux_customers_email; CREATE INDEX ux_customers_email ON customers (email);

-- name: a view is gone
-- told: correctness: view open_orders: missing in production
DROP VIEW open_orders;

-- name: another view
-- told: correctness: view open_orders: definition changed
DROP VIEW open_orders; CREATE VIEW open_orders AS SELECT id FROM orders;

-- name: a trigger is gone
-- told: data: trigger touched on customers: missing in production
DROP TRIGGER touched;

-- name: another type
-- told: data: column items.quantity: type INTEGER → TEXT
CREATE TABLE new (order_id INTEGER NOT NULL REFERENCES orders (id), quantity TEXT NOT NULL, CONSTRAINT ck_q CHECK (quantity > 0));
DROP TABLE items; ALTER TABLE new RENAME TO items;

-- name: nulls are let in
-- told: data: column items.quantity: now nullable
CREATE TABLE new (order_id INTEGER NOT NULL REFERENCES orders (id), quantity INTEGER, CONSTRAINT ck_q CHECK (quantity > 0));
DROP TABLE items; ALTER TABLE new RENAME TO items;

-- name: a default that nobody declared
-- told: correctness: column items.quantity: default 1 added
CREATE TABLE new (order_id INTEGER NOT NULL REFERENCES orders (id), quantity INTEGER NOT NULL DEFAULT 1, CONSTRAINT ck_q CHECK (quantity > 0));
DROP TABLE items; ALTER TABLE new RENAME TO items;

-- name: a check is gone
-- told: data: check ck_q on items: missing in production
CREATE TABLE new (order_id INTEGER NOT NULL REFERENCES orders (id), quantity INTEGER NOT NULL);
DROP TABLE items; ALTER TABLE new RENAME TO items;

-- name: a foreign key is gone
-- told: data: foreign key on items: missing in production
CREATE TABLE new (order_id INTEGER NOT NULL, quantity INTEGER NOT NULL, CONSTRAINT ck_q CHECK (quantity > 0));
DROP TABLE items; ALTER TABLE new RENAME TO items;

-- name: types are checked
-- told: correctness: table items: option STRICT added
CREATE TABLE new (order_id INTEGER NOT NULL REFERENCES orders (id), quantity INTEGER NOT NULL, CONSTRAINT ck_q CHECK (quantity > 0)) STRICT;
DROP TABLE items; ALTER TABLE new RENAME TO items;
