-- lag() has no use for the frame of its window, and sorted by one more column it could not have it
CREATE TABLE t0 (k int, x int);
INSERT INTO t0 SELECT i % 3, i % 7 FROM generate_series(1, 40) AS i;

-- query
SELECT k, x, lag(x) OVER w AS before, row_number() OVER w AS nr FROM t0 WINDOW w AS (PARTITION BY k ORDER BY x RANGE BETWEEN 1 PRECEDING AND CURRENT ROW);

INSERT INTO t0 VALUES (1, 3), (2, 8);
-- refresh
DELETE FROM t0 WHERE x = 5 AND k = 1;
-- refresh
