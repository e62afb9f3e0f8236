-- seed 829681: the value comes and its partner goes, with + and with - in the delta; NaN - NaN is NaN
CREATE TABLE t1 (k int4, u int2);
CREATE TABLE t2 (k int4, n numeric, r int4, u int2);
INSERT INTO t1 (k, u) VALUES (1, 1);
INSERT INTO t2 (k, n, r, u) VALUES (1, 1.00, 3, -3), (2, 0, NULL, 1);

-- query
SELECT sum(r3.n) AS c2 FROM ((t1 AS r1 RIGHT JOIN t2 AS r2 ON (r1.u = r2.u)) JOIN t2 AS r3 ON (r2.u = r3.u)) GROUP BY CUBE (r1.k);

UPDATE t2 SET n = 'NaN'::numeric, r = (r + 1) % 5 WHERE k % 3 = 2;
TRUNCATE t1;
INSERT INTO t1 (k, u) VALUES (1, -3);
-- refresh

UPDATE t2 SET n = 'Infinity' WHERE k = 2;
UPDATE t1 SET u = 1;
-- refresh

INSERT INTO t1 (k, u) VALUES (7, -3);
DELETE FROM t2 WHERE k = 2;
INSERT INTO t2 (k, n, u) VALUES (3, 'NaN', 5), (4, 2.5, 5);
-- refresh
