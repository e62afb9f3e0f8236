-- key columns that a condition makes equal share a column of the table; a key whose columns differ has no row there
CREATE TABLE t1 (a int4, b int4, n int4, PRIMARY KEY (a, b));
INSERT INTO t1 VALUES (1, 1, 1), (1, 2, 2), (2, 2, 3);

-- query
SELECT r1.a AS c1, r1.n FROM t1 AS r1 WHERE r1.a = r1.b;

UPDATE t1 SET n = 9 WHERE b = 2 AND a = 1;
-- refresh

DELETE FROM t1 WHERE a = 1 AND b = 2;
INSERT INTO t1 VALUES (2, 1, 5);
-- refresh

DELETE FROM t1;
-- refresh
