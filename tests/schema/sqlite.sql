-- One change a block: what stands before, what changes it, and what is told of it, in this order.

-- name: nothing
CREATE TABLE t (a integer);
-- change:

-- name: table
-- change:
CREATE TABLE t (a INTEGER PRIMARY KEY, b text REFERENCES t); CREATE INDEX ix ON t (b);
-- told: table t added: 2 columns, 1 foreign key, 1 index

-- name: table dropped
CREATE TABLE t (a integer);
-- change:
DROP TABLE t;
-- told: table t dropped

-- name: table options
CREATE TABLE t (a text PRIMARY KEY);
-- change:
DROP TABLE t; CREATE TABLE t (a text PRIMARY KEY) WITHOUT ROWID, STRICT;
-- told: table t: option STRICT added; option WITHOUT ROWID added
-- told: column t.a: now not null

-- name: table virtual
-- change:
CREATE VIRTUAL TABLE t USING fts5(body, tokenize = 'porter');
-- told: table t added: 1 column, USING fts5(body, tokenize = 'porter')

-- name: column
CREATE TABLE t (a integer);
-- change:
ALTER TABLE t ADD COLUMN b varchar(20) NOT NULL DEFAULT 'x, (y' COLLATE nocase;
-- told: column t.b added: VARCHAR(20), collation NOCASE, not null, default 'x, (y'

-- name: column dropped
CREATE TABLE t (a integer, b integer);
-- change:
ALTER TABLE t DROP COLUMN b;
-- told: column t.b dropped

-- name: column changed
CREATE TABLE t (a integer, b integer DEFAULT 1, c text COLLATE nocase);
-- change:
DROP TABLE t; CREATE TABLE t (a bigint NOT NULL, b integer DEFAULT (1 + 1), c text COLLATE rtrim);
-- told: column t.a: type INTEGER → BIGINT; now not null
-- told: column t.b: default 1 → 1 + 1
-- told: column t.c: collation NOCASE → RTRIM

-- name: column generated
CREATE TABLE t (a integer, b integer AS (a + 1) STORED);
-- change:
DROP TABLE t; CREATE TABLE t (a integer, b integer AS (a + 1), c integer GENERATED ALWAYS AS (a * (2 + 1)) STORED);
-- told: column t.b: now virtual
-- told: column t.c added: INTEGER, generated as a * (2 + 1) stored

-- name: column autoincrement
CREATE TABLE t (a integer PRIMARY KEY);
-- change:
DROP TABLE t; CREATE TABLE t (a integer PRIMARY KEY AUTOINCREMENT);
-- told: column t.a: identity always added

-- name: primary key
CREATE TABLE t (a text, b text);
-- change:
DROP TABLE t; CREATE TABLE t (a text, b text, CONSTRAINT pk PRIMARY KEY (b, a));
-- told: primary key pk on t (b, a) added

-- name: unique
CREATE TABLE t (a text UNIQUE, b text);
-- change:
DROP TABLE t; CREATE TABLE t (a text CONSTRAINT ua UNIQUE, b text, UNIQUE (a, b) ON CONFLICT IGNORE);
-- told: unique on t (a) dropped
-- told: table t: option UNIQUE (a, b) ON CONFLICT IGNORE added
-- told: unique on t (a, b) added
-- told: unique ua on t (a) added

-- name: check
CREATE TABLE t (a text CHECK (a <> ''));
-- change:
DROP TABLE t; CREATE TABLE t (a text CONSTRAINT c1 CHECK (a IN ('x, y', '(', 'it''s')), b int, CHECK (b > 0 OR (b < -1)));
-- told: check on t (a <> '') dropped
-- told: column t.b added: INT
-- told: check on t (b > 0 OR (b < -1)) added
-- told: check c1 on t (a IN ('x, y', '(', 'it''s')) added

-- name: table constraints without commas
CREATE TABLE t (a text, b int);
-- change:
DROP TABLE t; CREATE TABLE t (a text, b int, CONSTRAINT c1 CHECK (b > 0) CONSTRAINT u1 UNIQUE (a) CONSTRAINT c2 CHECK (b < 9));
-- told: unique u1 on t (a) added
-- told: check c1 on t (b > 0) added
-- told: check c2 on t (b < 9) added

-- name: foreign key
CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (a integer, b integer, c integer REFERENCES p);
-- change:
DROP TABLE t; CREATE TABLE t (a integer CONSTRAINT fa REFERENCES p ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    b integer, c integer, CONSTRAINT fb FOREIGN KEY (b) REFERENCES p (id) ON UPDATE SET NULL NOT DEFERRABLE);
-- told: foreign key on t (c) → p(id) dropped
-- told: foreign key fa on t (a) → p(id) on delete cascade initially deferred added
-- told: foreign key fb on t (b) → p(id) on update set null added

-- name: foreign keys of the same column
CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE q (id integer PRIMARY KEY);
-- change:
CREATE TABLE t (a integer CONSTRAINT one REFERENCES p CONSTRAINT two REFERENCES q); DROP TABLE p;
-- told: table t added: 1 column, 2 foreign keys
-- told: table p dropped

-- name: index
CREATE TABLE t (a text COLLATE nocase, b text, c int);
-- change:
CREATE INDEX plain ON t (a, b DESC); CREATE UNIQUE INDEX part ON t (c) WHERE c > 0 AND b <> ' where ';
CREATE INDEX expr ON t (lower(b), c + 1 DESC, b COLLATE nocase);
-- told: index expr on t (lower(b), c + 1 desc, b collate NOCASE) added
-- told: index part on t unique (c) where c > 0 AND b <> ' where ' added
-- told: index plain on t (a, b desc) added

-- name: index changed
CREATE TABLE t (a text, b text); CREATE INDEX ix ON t (a);
-- change:
DROP INDEX ix; CREATE UNIQUE INDEX ix ON t (a, b);
-- told: index ix on t: (a), now unique (a, b)

-- name: view
CREATE TABLE t (a text); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW gone AS SELECT 1;
-- change:
DROP VIEW v; CREATE VIEW v AS SELECT a, 1 AS b FROM t; DROP VIEW gone; CREATE VIEW n AS SELECT 2;
-- told: view gone dropped
-- told: view n added
-- told: view v: definition changed

-- name: trigger
CREATE TABLE t (a text); CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER gone AFTER INSERT ON t BEGIN SELECT 1; END;
-- change:
DROP TRIGGER gone; CREATE TRIGGER new AFTER UPDATE OF a ON t WHEN new.a <> '' BEGIN UPDATE t SET a = 'x'; END;
CREATE TRIGGER instead INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
-- told: trigger gone on t dropped
-- told: view v: trigger instead added
-- told: trigger new on t added

-- name: odd names
CREATE TABLE [odd table] (`col -- umn` integer);
-- change:
DROP TABLE [odd table]; CREATE TABLE "odd table" ("col -- umn" integer, "select" text, [a "b"] int, `c``d` int,
    CONSTRAINT "it's" CHECK ("col -- umn" > 0 AND [select] <> `c``d`));
CREATE INDEX "ix 1" ON "odd table" ("select");
-- told: column odd table.a "b" added: INT
-- told: column odd table.c`d added: INT
-- told: column odd table.select added: TEXT
-- told: check it's on odd table ("col -- umn" > 0 AND "select" <> "c`d") added
-- told: index ix 1 on odd table (select) added

-- name: words of constraints elsewhere
CREATE TABLE t (a text);
-- change:
DROP TABLE t; CREATE TABLE t (a text DEFAULT 'CHECK (x' /* UNIQUE, */, "unique" int, -- PRIMARY KEY (
    "check" text DEFAULT (current_timestamp), b int DEFAULT -1, c text DEFAULT "PRIMARY", d text DEFAULT NULL NOT NULL);
-- told: column t.a: default 'CHECK (x' added
-- told: column t.b added: INT, default -1
-- told: column t.c added: TEXT, default 'PRIMARY'
-- told: column t.check added: TEXT, default CURRENT_TIMESTAMP
-- told: column t.d added: TEXT, not null, default NULL
-- told: column t.unique added: INT
