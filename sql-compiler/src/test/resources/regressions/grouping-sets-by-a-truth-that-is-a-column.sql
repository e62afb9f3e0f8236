-- before 18 b = true is simplified to b, and shows in sets that have only that
CREATE TABLE t0 (b bool, v int);
INSERT INTO t0 VALUES (true, 1), (false, 2), (NULL, 3);

-- query
SELECT b, NOT (b = true) AS c, count(*) AS n FROM t0 GROUP BY ROLLUP (b, (b = true));

INSERT INTO t0 VALUES (true, 4);
-- refresh
