-- A sort key that reads no column, count(*), is no constant: it decides which rows are the first.
CREATE TABLE t0 (id int4 PRIMARY KEY, v char(4));
INSERT INTO t0 (id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'c'), (5, 'd'), (6, 'd'), (7, 'd');

-- query
SELECT v, count(*) AS n FROM t0 GROUP BY v ORDER BY n DESC, v LIMIT 2;

INSERT INTO t0 (id, v) VALUES (8, 'b'), (9, 'b'), (10, 'b');
-- refresh ARRAYS

DELETE FROM t0 WHERE v = 'd';
-- refresh ARRAYS
