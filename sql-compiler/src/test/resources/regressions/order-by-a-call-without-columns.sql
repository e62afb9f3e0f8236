CREATE TABLE t1 (r int4);
INSERT INTO t1 VALUES (1), (1), (NULL);

-- query
SELECT * FROM (SELECT count(*) AS c1 FROM t1 AS r1 GROUP BY r1.r) AS r3 ORDER BY r3.c1 DESC LIMIT 1;

INSERT INTO t1 VALUES (2), (2), (2);
-- refresh
DELETE FROM t1 WHERE r = 2;
-- refresh
DELETE FROM t1;
-- refresh
