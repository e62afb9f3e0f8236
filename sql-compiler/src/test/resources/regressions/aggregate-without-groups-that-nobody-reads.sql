CREATE TABLE t1 (x text);

-- query
SELECT '(0,0)'::point AS c5 FROM (SELECT sum(DISTINCT length(x)) AS c3 FROM t1 AS r2 GROUP BY ROLLUP (x)) AS r3;

INSERT INTO t1 VALUES ('a'), ('a'), ('b');
-- refresh
DELETE FROM t1 WHERE x = 'a';
-- refresh
DELETE FROM t1;
-- refresh
