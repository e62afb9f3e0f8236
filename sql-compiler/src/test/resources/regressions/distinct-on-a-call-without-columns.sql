CREATE TABLE t1 (r int4);
INSERT INTO t1 VALUES (1), (1), (NULL);

-- query
SELECT DISTINCT ON (s.n) s.n, s.r FROM (SELECT r, count(*) OVER () AS n FROM t1) AS s ORDER BY s.n, s.r;

INSERT INTO t1 VALUES (0);
-- refresh
DELETE FROM t1;
-- refresh
