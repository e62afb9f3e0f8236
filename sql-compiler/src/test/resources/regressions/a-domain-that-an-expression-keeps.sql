CREATE DOMAIN small AS int4 CHECK (VALUE < 100);
CREATE TABLE t3 (id int4 PRIMARY KEY, i int4, s small);
INSERT INTO t3 (id, i, s) VALUES (7, 5, 2), (8, 5, NULL);

-- query
SELECT COALESCE(NULL::small, r1.s) AS c1 FROM t3 AS r1 WHERE i > 0;

UPDATE t3 SET i = i + 1;
-- refresh
UPDATE t3 SET s = 3, i = 0 WHERE id = 7;
-- refresh
UPDATE t3 SET s = 4, i = 1;
-- refresh
