CREATE TABLE a (id int4 PRIMARY KEY, k int4);
CREATE TABLE b (id int4 PRIMARY KEY, k int4, i int4);
INSERT INTO a VALUES (1, 1), (2, NULL), (3, 3);
INSERT INTO b VALUES (1, 1, 1), (2, NULL, 2), (3, 1, 3);

-- query
WITH w AS (SELECT k AS c FROM b) SELECT p.k, w.c FROM (SELECT k FROM a) AS p LEFT JOIN w ON (p.k NOT IN (SELECT d.k FROM b AS d WHERE d.i = w.c GROUP BY d.i, d.k));

INSERT INTO b VALUES (4, 3, 1), (5, NULL, 3);
-- refresh
UPDATE b SET k = 3 WHERE id = 2;
DELETE FROM a WHERE id = 1;
-- refresh
UPDATE a SET k = 1 WHERE id = 2;
DELETE FROM b WHERE k IS NULL;
-- refresh
DELETE FROM b;
-- refresh
