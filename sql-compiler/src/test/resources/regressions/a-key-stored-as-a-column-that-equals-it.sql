-- a column that a condition makes equal to the key was compared instead of the key, also where it is not
CREATE TABLE t1 (id int4, i int4, n numeric, PRIMARY KEY (id));
INSERT INTO t1 VALUES (0, 0, 1), (1, 1, 2), (2, 7, 3), (5, 5, 4);

-- query
SELECT r1.i AS c1, r1.n FROM t1 AS r1 WHERE r1.i = r1.id;

DELETE FROM t1 WHERE id = 0;
-- refresh

UPDATE t1 SET i = 5 WHERE id = 1;
-- refresh

UPDATE t1 SET i = id WHERE id IN (1, 2);
-- refresh

TRUNCATE t1;
-- refresh
