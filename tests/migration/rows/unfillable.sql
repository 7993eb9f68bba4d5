-- case: violates check constraint "t_x_check"
CREATE TABLE t (x int NOT NULL CHECK (x > 5 AND x < 3));
-- case: form a cycle, neither nullable nor deferrable
CREATE TABLE t (id int PRIMARY KEY, u int NOT NULL);
CREATE TABLE u (id int PRIMARY KEY, t int NOT NULL REFERENCES t);
ALTER TABLE t ADD FOREIGN KEY (u) REFERENCES u;
-- case: it needs a row of p, which has none
CREATE TABLE p (id int PRIMARY KEY CHECK (false));
CREATE TABLE t (p int NOT NULL REFERENCES p);
-- case: a trigger or rule took the row away
CREATE TABLE t (id int PRIMARY KEY);
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER no BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION no();
