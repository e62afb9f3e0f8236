CREATE TABLE t0 (u int4[]);
CREATE TABLE t2 (id int4);
CREATE TABLE t3 (k int4, t text, n numeric(8,2), w timestamptz);
INSERT INTO t2 VALUES (1), (2);
INSERT INTO t3 VALUES (1, 'a', 1.5, NULL), (2, NULL, 2.5, NULL);

-- query
SELECT (SELECT max(r6.id) FROM t2 AS r6) AS c6, r1.id, count(*) AS n FROM (t2 AS r1 RIGHT JOIN t3 AS r2 ON TRUE) WHERE EXISTS (SELECT r2.w AS c1, r2.n AS c2 FROM t0 AS r3 WHERE r2.t <> ALL (r3.u::text[])) GROUP BY r1.id, r2.k;

INSERT INTO t0 VALUES ('{1}');
-- refresh
UPDATE t3 SET t = 'b', n = 3 WHERE k = 2;
-- refresh
DELETE FROM t0;
DELETE FROM t2 WHERE id = 1;
-- refresh
