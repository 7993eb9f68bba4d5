-- Names of the base schema (base.sql) that change; `rename: kind schema old new [table]` is what the writer is told.

-- name: column
-- rename: column public name full_name customers
-- change:
ALTER TABLE customers RENAME name TO full_name;

-- name: column in checks, indexes, keys and views
-- rename: column public email mail customers
-- rename: column public points score customers
-- rename: column public id number customers
-- change:
ALTER TABLE customers RENAME email TO mail;
ALTER TABLE customers RENAME points TO score;
ALTER TABLE customers RENAME id TO number;

-- name: serial key
-- rename: column public id number products
-- change:
ALTER TABLE products RENAME id TO number;

-- name: column beside other changes
-- rename: column public note remark orders
-- change:
ALTER TABLE orders RENAME note TO remark;
ALTER TABLE orders ALTER remark TYPE text, ADD extra int, ADD CHECK (remark <> '');

-- name: table
-- rename: table public customers people
-- change:
ALTER TABLE customers RENAME TO people;

-- name: table and column
-- rename: table public orders purchases
-- rename: column public total sum purchases
-- change:
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE purchases RENAME total TO sum;
ALTER TABLE purchases ADD x int;

-- name: table in another schema
-- rename: table audit events happenings
-- change:
ALTER TABLE audit.events RENAME TO happenings;

-- name: two columns change places
-- rename: column public note x orders
-- rename: column public total note orders
-- rename: column public x total orders
-- change:
ALTER TABLE orders RENAME note TO x;
ALTER TABLE orders RENAME total TO note;
ALTER TABLE orders RENAME x TO total;

-- name: constraint
-- rename: constraint public uq_customers_email uq_mail customers
-- change:
ALTER TABLE customers RENAME CONSTRAINT uq_customers_email TO uq_mail;

-- name: index
-- rename: index public ix_orders_open ix_orders_waiting
-- change:
ALTER INDEX ix_orders_open RENAME TO ix_orders_waiting;

-- name: enum
-- rename: enum public order_status state
-- change:
ALTER TYPE order_status RENAME TO state;

-- name: enum value
-- rename: enum_value public cancelled 'given up' order_status
-- change:
ALTER TYPE order_status RENAME VALUE 'cancelled' TO 'given up';

-- name: sequence
-- rename: sequence public products_id_seq product_numbers
-- change:
ALTER SEQUENCE products_id_seq RENAME TO product_numbers;

-- name: view
-- rename: view public open_orders waiting
-- change:
ALTER VIEW open_orders RENAME TO waiting;
