-- case: unique and lengths
CREATE TABLE t (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    a varchar(20) NOT NULL UNIQUE, b char(2) NOT NULL, c varchar(5), UNIQUE (b, c)
);
-- case: patterns
CREATE TABLE t (
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    phone text NOT NULL CHECK (phone ~ '^\+?[1-9]\d{1,14}$'),
    code text NOT NULL CHECK (code LIKE 'AB-%')
);
-- case: comparisons
CREATE TABLE t (
    a int NOT NULL CHECK (a > 1000), b numeric(5, 2) NOT NULL CHECK (b BETWEEN 3 AND 4),
    c int NOT NULL CHECK (c IN (3, 5, 8)), d text NOT NULL CHECK (d = ANY (ARRAY['x', 'it''s'])),
    e numeric NOT NULL CHECK (e > 0.5 AND e < 0.6), f date NOT NULL CHECK (f >= '2030-05-01')
);
-- case: lengths
CREATE TABLE t (
    a text NOT NULL CHECK (length(a) BETWEEN 3 AND 5), b text NOT NULL CHECK (char_length(b) >= 10),
    c text NOT NULL CHECK (c = upper(c) AND length(c) = 2)
);
-- case: columns against columns
CREATE TABLE t (
    a date NOT NULL, b date NOT NULL, CHECK (b > a),
    c int, d int, e text, CHECK (num_nonnulls(c, d, e) = 1),
    s text NOT NULL CHECK (s IN ('new', 'paid')), at timestamptz, CHECK (s <> 'paid' OR at IS NOT NULL)
);
-- case: enum, domain, array
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE DOMAIN email AS text CHECK (value ~ '^[^@\s]+@[^@\s]+$');
CREATE TABLE t (a mood NOT NULL, b mood[] NOT NULL, c positive NOT NULL, d email NOT NULL UNIQUE);
-- case: json
CREATE TABLE t (
    a jsonb NOT NULL CHECK (jsonb_typeof(a) = 'object'), b jsonb NOT NULL CHECK (b ? 'key'),
    c jsonb NOT NULL CHECK ((c ->> 'kind') IS NOT NULL)
);
-- case: every type
CREATE TABLE t (
    a int[] NOT NULL, b text[] NOT NULL, c json NOT NULL, d inet NOT NULL, e bytea NOT NULL, f int4range NOT NULL,
    g numeric(5, 2) NOT NULL, h float8 NOT NULL, i timestamp NOT NULL, j timestamptz(3) NOT NULL, k interval NOT NULL,
    l bool NOT NULL, m uuid NOT NULL, n money NOT NULL, o macaddr NOT NULL, p bit(8) NOT NULL, q varbit(4) NOT NULL,
    r bigint NOT NULL, s smallint NOT NULL, u tsvector NOT NULL, v point NOT NULL,
    w int GENERATED ALWAYS AS (length(b[1])) STORED, x int4multirange NOT NULL, y time NOT NULL, z timetz NOT NULL,
    aa cidr NOT NULL, bb name NOT NULL, cc polygon, dd numeric NOT NULL, ee daterange NOT NULL, ff tstzrange NOT NULL,
    gg real NOT NULL, hh oid NOT NULL, ii interval day to second NOT NULL, jj macaddr8 NOT NULL, kk tsquery NOT NULL
);
-- case: exclusion
CREATE TABLE t (during tstzrange NOT NULL, EXCLUDE USING gist (during WITH &&));
-- case: partial and expression indexes
CREATE TABLE t (a int NOT NULL, s text NOT NULL CHECK (s IN ('on', 'off')));
CREATE UNIQUE INDEX ON t ((1)) WHERE s = 'on';
CREATE UNIQUE INDEX ON t (lower(s), a);
-- case: composite keys that share a column
CREATE TABLE tenants (id int PRIMARY KEY);
CREATE TABLE users (
    tenant int REFERENCES tenants, id int, PRIMARY KEY (tenant, id), boss int,
    FOREIGN KEY (tenant, boss) REFERENCES users
);
CREATE TABLE goods (tenant int REFERENCES tenants, sku text, PRIMARY KEY (tenant, sku));
CREATE TABLE t (
    tenant int NOT NULL, buyer int NOT NULL, sku text NOT NULL,
    FOREIGN KEY (tenant, buyer) REFERENCES users, FOREIGN KEY (tenant, sku) REFERENCES goods
);
-- case: one to one
CREATE TABLE p (id serial PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY REFERENCES p);
-- case: many to many
CREATE TABLE p (id serial PRIMARY KEY);
CREATE TABLE q (id uuid PRIMARY KEY);
CREATE TABLE t (
    p int REFERENCES p, q uuid REFERENCES q, place smallint NOT NULL, PRIMARY KEY (p, q), UNIQUE (p, place)
);
-- case: its own parent
CREATE TABLE t (id serial PRIMARY KEY, parent int NOT NULL REFERENCES t);
-- case: a cycle with a null
CREATE TABLE t (id serial PRIMARY KEY, u int);
CREATE TABLE u (id serial PRIMARY KEY, t int NOT NULL REFERENCES t);
ALTER TABLE t ADD FOREIGN KEY (u) REFERENCES u;
-- case: a deferrable cycle
CREATE TABLE t (id serial PRIMARY KEY, u int NOT NULL);
CREATE TABLE u (id serial PRIMARY KEY, t int NOT NULL REFERENCES t);
ALTER TABLE t ADD FOREIGN KEY (u) REFERENCES u DEFERRABLE;
-- case: a key to all or nothing
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL);
-- case: a trigger that judges
CREATE TABLE t (v text);
CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.v IS NULL THEN RAISE EXCEPTION 'v must be given'; END IF;
    RETURN new;
END $$;
CREATE TRIGGER judge BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION judge();
-- case: names that need quotes
CREATE TABLE "t" (
    "a ""b"" %s" text NOT NULL, "select" int NOT NULL CHECK ("select" > 10),
    "CamelCase" text NOT NULL CHECK ("CamelCase" IN ('y'))
);
-- case: arithmetic
CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int NOT NULL CHECK (c = a * b));
-- case: one value only
CREATE TABLE p (id int PRIMARY KEY CHECK (id = 1));
CREATE TABLE t (id serial PRIMARY KEY, p int NOT NULL DEFAULT 1 REFERENCES p);
-- case: partitions by range
CREATE TABLE t (id int NOT NULL, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE t_2030 PARTITION OF t FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- case: partitions by list
CREATE TABLE t (id int NOT NULL, country text NOT NULL) PARTITION BY LIST (country);
CREATE TABLE t_dach PARTITION OF t FOR VALUES IN ('de', 'at');
-- case: another schema
CREATE SCHEMA "Other";
CREATE TABLE "Other".p (id int PRIMARY KEY);
CREATE TYPE "Other"."Kind" AS ENUM ('a');
CREATE TABLE t (p int NOT NULL REFERENCES "Other".p, k "Other"."Kind" NOT NULL);
