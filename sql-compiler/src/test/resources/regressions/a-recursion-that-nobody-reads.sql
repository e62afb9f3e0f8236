-- a recursive query that is named and not read: creating failed
CREATE TABLE t2 (u int8);
CREATE TABLE edge (src int4, dst int4);
INSERT INTO edge VALUES (3, 4);

-- query
WITH w7 AS (WITH RECURSIVE w1(node, steps) AS (SELECT src, 0 FROM edge WHERE src = 1 UNION ALL SELECT e.dst, p.steps + e.n FROM (SELECT src, dst, count(*)::int AS n FROM edge GROUP BY src, dst) e, w1 p WHERE e.src = p.node AND p.steps < 3) SELECT (SELECT '\x'::bytea FROM w1 AS r4) AS c3, r2.u FROM t2 AS r2) SELECT NULL::bool AS c4 FROM w7 AS r8 GROUP BY CUBE (u);

INSERT INTO t2 VALUES (1);
DELETE FROM edge WHERE src = 2;
-- refresh
