-- groups that are kept, of rows that no condition above them lets count: the rows were not shipped
CREATE TABLE t0 (i int4);

-- query
SELECT NULL::int4 AS c7 FROM ((SELECT NULL::int4 AS c2 FROM t0 AS r3 WHERE (r3.i >= '1'::int4) GROUP BY NULL::int4 HAVING (NULL::int4 <> min(NULL::int4))) AS r4 JOIN LATERAL generate_series(1, least(NULL::int4, 4)) AS r5(e) ON FALSE);

INSERT INTO t0 (i) VALUES ('3'::int4);
-- refresh
