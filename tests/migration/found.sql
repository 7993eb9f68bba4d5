-- Cases that test_any_schemas.py has found, cut down; written as in combined.sql.

-- name: name with a percent sign in a cast
ALTER TABLE orders ADD "%p:q" daterange;
-- change:
ALTER TABLE orders ALTER "%p:q" TYPE bigint USING NULL;

-- name: computed column goes, what it is computed from gets another type
ALTER TABLE orders ADD twice integer GENERATED ALWAYS AS (total * 2) STORED;
-- change:
ALTER TABLE orders DROP twice, ALTER total TYPE text, DROP placed_on;

-- name: computed column comes with another type of what it is computed from
-- change:
ALTER TABLE orders ALTER note TYPE integer USING NULL;
ALTER TABLE orders ADD twice integer GENERATED ALWAYS AS (note * 2) STORED, ADD x text;

-- name: computed column becomes a plain one, what it was computed from goes
ALTER TABLE orders ADD is_new boolean GENERATED ALWAYS AS (placed_on IS NULL) STORED;
-- change:
ALTER TABLE orders ALTER is_new DROP EXPRESSION, DROP placed_on;

-- name: virtual column becomes a plain one
ALTER TABLE orders ADD more integer GENERATED ALWAYS AS (total + 1) VIRTUAL;
-- change:
ALTER TABLE orders DROP more, ADD more integer;

-- name: array of an enum that is made anew becomes a flag
ALTER TABLE orders ADD moods unused_mood[];
-- change:
ALTER TABLE orders ALTER moods TYPE boolean USING NULL;
DROP TYPE unused_mood;
CREATE TYPE unused_mood AS ENUM ('happy');

-- name: array becomes a type that its elements are not cast to
ALTER TABLE orders ADD numbers integer[];
-- change:
ALTER TABLE orders ALTER numbers TYPE interval USING NULL;

-- name: new column is the primary key of a table that had none
CREATE TABLE keyless (a timestamp, b bytea);
-- change:
ALTER TABLE keyless DROP a, DROP b, ADD id varchar(20) PRIMARY KEY, ADD c char(3) NOT NULL;

-- name: primary key goes and its column may be null
-- change:
ALTER TABLE audit.events DROP CONSTRAINT events_pkey, ALTER id DROP NOT NULL, DROP happened;

-- name: table with constraints that are not validated goes
CREATE TABLE loose (a integer, b integer REFERENCES products);
ALTER TABLE loose ADD CONSTRAINT k1 CHECK (a > 0) NOT VALID,
    ADD CONSTRAINT k2 FOREIGN KEY (a) REFERENCES products NOT VALID;
-- change:
DROP TABLE loose;

-- name: sequence belongs to a column that does not count
CREATE SEQUENCE s OWNED BY orders.note;
-- change:
DROP SEQUENCE s;
