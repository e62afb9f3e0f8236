-- before 18 a constant that is grouped by may show in sets that have it not
CREATE TYPE pair AS (number int4, word text);
CREATE TABLE t1 (x numeric);

-- query
SELECT ('(1,a)'::pair).number::int8 AS c1 FROM t1 AS r3 GROUP BY ROLLUP (('(1,a)'::pair).number);

INSERT INTO t1 VALUES (2);
-- refresh
