-- Of rows that tie, lag() and row_number() must see the same order: which of two equal rows has the
-- number 6, and which of them the other before it, is told by the same sort.
CREATE TABLE t0 (k int, x int);
INSERT INTO t0 SELECT 1, 1 + i % 4 FROM generate_series(1, 97) AS i;
INSERT INTO t0 SELECT 1, NULL FROM generate_series(1, 5) AS i;

-- query
SELECT k, x, lag(x) OVER w AS before, lead(x, 2) OVER w AS after, row_number() OVER w AS nr FROM t0 WINDOW w AS (PARTITION BY k ORDER BY x);

INSERT INTO t0 SELECT 1, 2 + i % 4 FROM generate_series(1, 31) AS i;
-- refresh ARRAYS
DELETE FROM t0 WHERE ctid = (SELECT max(ctid) FROM t0 WHERE x = 3);
-- refresh TABLE
INSERT INTO t0 VALUES (1, 3);
-- refresh ARRAYS
UPDATE t0 SET x = 4 WHERE ctid = (SELECT max(ctid) FROM t0 WHERE x = 3);
-- refresh ARRAYS
