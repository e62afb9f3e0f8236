-- the value of the one condition is computed while that of the other is
CREATE TABLE t0 (x jsonb);
CREATE TABLE t1 (x jsonb);

-- query
WITH w5 AS (SELECT NULL::numeric AS c2 FROM t0 AS r3 HAVING NOT EXISTS (SELECT NULL::int4 AS c1 FROM t1 AS r4)) SELECT '2'::int4 AS c12 FROM t0 AS r6 HAVING ('2'::int4 = (SELECT bit_or(2) FROM (t0 AS r18 FULL JOIN w5 AS r19 ON TRUE)));

INSERT INTO t0 VALUES ('1');
-- refresh
INSERT INTO t1 VALUES ('2');
-- refresh
DELETE FROM t0;
-- refresh
DELETE FROM t1;
-- refresh
