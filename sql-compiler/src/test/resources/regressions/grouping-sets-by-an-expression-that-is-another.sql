-- before 18 what is simplified to another column that is grouped by shows in sets that have only that
CREATE TYPE pair AS (number int4, word text);
CREATE TABLE t0 (k int4, v text);
INSERT INTO t0 VALUES (1, 'B');

-- query
SELECT greatest(NULL::int4, (ROW(r3.k, r3.v)::pair).number) AS c1, COALESCE(NULL, r3.k) AS c2 FROM t0 AS r3 GROUP BY ROLLUP (r3.k, (ROW(r3.k, r3.v)::pair).number, COALESCE(NULL, r3.k));

INSERT INTO t0 VALUES (2, 'C');
-- refresh
