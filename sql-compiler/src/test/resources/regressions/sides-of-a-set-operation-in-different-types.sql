CREATE TABLE a (id int4, k int4, n numeric(8,2), s varchar(3), x int4);
CREATE TABLE b (id int8, k int8, n numeric(10,4), s text, x numeric);
INSERT INTO a VALUES (1, 1, 1.5, 'abc', 1), (2, NULL, 2.5, NULL, 2), (3, 3, NULL, 'c', NULL);
INSERT INTO b VALUES (1, 1, 1.5000, 'abc', 1.00), (2, NULL, 2.5001, NULL, 2), (7, 3, NULL, 'long', NULL);

-- query
SELECT q.id, q.k, q.n, q.s, q.x, count(*) OVER (PARTITION BY q.n, q.x) AS m FROM (SELECT * FROM a UNION SELECT * FROM b) AS q, (SELECT k, n, s, x FROM a EXCEPT ALL SELECT k, n, s, x FROM b) AS p WHERE p.k IS NOT DISTINCT FROM q.k;

DELETE FROM a WHERE id = 1;
-- refresh
INSERT INTO b VALUES (2, NULL, 2.5, NULL, 2.0), (3, 3, NULL, 'c', NULL);
-- refresh
UPDATE a SET n = 2.51, x = 7 WHERE id = 2;
DELETE FROM b WHERE id = 7;
-- refresh
INSERT INTO a SELECT id, k, n, s, x FROM b WHERE length(s) <= 3;
-- refresh
