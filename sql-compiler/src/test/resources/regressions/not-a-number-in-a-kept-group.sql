-- as of a new group of a join, for the groups of an aggregate within the query
CREATE TABLE t1 (id int4 PRIMARY KEY, k int4, u int2);
CREATE TABLE n (id int4 PRIMARY KEY, v numeric, u int2);
INSERT INTO t1 VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO n VALUES (1, 1, 1), (2, 5, 2);

-- query
SELECT a.id, q.v FROM t1 AS a JOIN (SELECT n.k, sum(t1.v) AS v FROM t1 AS n JOIN n AS t1 ON t1.u = n.u GROUP BY n.k) AS q ON q.k = a.k;

UPDATE t1 SET u = 3 WHERE id = 1;
INSERT INTO t1 VALUES (3, 7, 3);
INSERT INTO n VALUES (3, 'NaN', 1), (4, 2.50, 3);
-- refresh

UPDATE t1 SET k = 8, u = 4 WHERE id = 3;
UPDATE n SET v = '-Infinity' WHERE id = 4;
INSERT INTO n VALUES (5, 4.0, 4);
-- refresh

UPDATE t1 SET k = 9, u = 5 WHERE id = 3;
UPDATE n SET v = 'Infinity' WHERE id = 5;
INSERT INTO n VALUES (6, 1.000, 5);
-- refresh
