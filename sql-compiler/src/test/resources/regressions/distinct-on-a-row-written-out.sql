-- DISTINCT ON an expression that is a row written out: its sort key was written otherwise
CREATE TYPE pair AS (number int4, word text);
CREATE TABLE t1 (k int4);
INSERT INTO t1 VALUES (1), (1), (NULL);

-- query
SELECT DISTINCT ON (ROW(r1.k, 'ab'::text)::pair) NULL::interval AS c4 FROM t1 AS r1 ORDER BY ROW(r1.k, 'ab'::text)::pair NULLS FIRST;

INSERT INTO t1 VALUES (2), (NULL);
-- refresh

DELETE FROM t1 WHERE k = 1;
-- refresh
