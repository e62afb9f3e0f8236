-- A sub-query over an aggregate that has its one row although no row matches.
CREATE TABLE t0 (v char(4));
CREATE TABLE edge (dst int4);
INSERT INTO edge (dst) VALUES ('5'::int4) ON CONFLICT DO NOTHING;

-- query
SELECT NULL::int4 AS c7 FROM (SELECT NULL::int4 AS c2 FROM edge AS r1 GROUP BY ROLLUP (NULL::int4)) AS r3 WHERE (NULL::int4 NOT IN (SELECT NULL::int4 AS c5 FROM edge AS r4 CROSS JOIN LATERAL (SELECT string_agg(NULL::text, ',' ORDER BY NULL::text) AS c4 FROM t0 AS r6 WHERE (NULL::int4 = r3.c2)) AS r5));

DELETE FROM edge WHERE dst IS NOT NULL;
-- refresh ARRAYS
