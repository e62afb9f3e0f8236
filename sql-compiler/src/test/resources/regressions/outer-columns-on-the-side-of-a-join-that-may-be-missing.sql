CREATE TABLE t1 (p numeric, x numeric);
CREATE TABLE edge (dst int4);
INSERT INTO t1 (p, x) VALUES (2.5, 2.5);

-- query
SELECT r2.p AS c13, r3.c11, r3.c2 FROM t1 AS r2 JOIN LATERAL (
  SELECT r6.p AS c11, r5.c2 FROM (SELECT r2.x AS c2 FROM edge AS r4) AS r5 RIGHT JOIN t1 AS r6 ON FALSE
) AS r3 ON TRUE;

INSERT INTO t1 VALUES (1, 2), (2, 1);
-- refresh
INSERT INTO edge VALUES (1);
-- refresh
DELETE FROM t1 WHERE p = 2.5;
-- refresh
