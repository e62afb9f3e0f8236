-- an outer join beside another input: its delta has the columns that are read, its state has all
CREATE TABLE t0 (n int8);
CREATE TABLE t1 (s varchar(10));
CREATE TABLE t3 (i int4);
CREATE TABLE edge (dst int4);

-- query
SELECT ((100.0 * sum(CASE WHEN TRUE THEN ('1'::numeric(8,2) * (1 - '0'::numeric(8,2))) ELSE 0 END)) / NULLIF(sum('1'::numeric(8,2) * (1 - (SELECT '0'::numeric(8,2) AS c12 FROM edge AS r5 WHERE (NULL::varchar(10) NOT IN (SELECT ''::varchar(10) AS c11 FROM (t1 AS r14 FULL JOIN (SELECT r5.dst AS c9 FROM t0 AS r15) AS r16 ON (NULL::int4 = r16.c9)) WHERE (NULL::int4 = r1.i) HAVING TRUE))))), 0))::text AS c15 FROM t3 AS r1 GROUP BY NULL::int4;

INSERT INTO t0 VALUES (1);
INSERT INTO t3 VALUES (1), (2);
-- refresh

INSERT INTO t1 VALUES ('a');
INSERT INTO edge VALUES (3);
-- refresh

DELETE FROM t0;
DELETE FROM t3 WHERE i = 1;
-- refresh
