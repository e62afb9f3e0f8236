-- an aggregate of columns of an enclosing query alone is, to PostgreSQL, one of that query
CREATE TABLE t (id int4 PRIMARY KEY, a int4);
CREATE TABLE u (b int4);
INSERT INTO t VALUES (1, 10), (2, 20);
INSERT INTO u VALUES (1), (2);

-- query
SELECT (SELECT sum(s.c) FROM (SELECT t.a AS c FROM u) AS s) AS n, (SELECT max(w.c) AS x FROM (SELECT t.a AS c, v.y FROM (VALUES (2), (3)) AS v(y)) AS w GROUP BY w.c) AS m FROM t WHERE EXISTS (SELECT count(s.c) FROM (SELECT t.a AS c, u.b FROM u) AS s GROUP BY s.b HAVING sum(s.c) > 9);

INSERT INTO u VALUES (3);
INSERT INTO t VALUES (3, 30), (4, 9);
-- refresh

UPDATE t SET a = 11 WHERE id IN (1, 4);
-- refresh

DELETE FROM u WHERE b < 3;
-- refresh

DELETE FROM u;
-- refresh
