CREATE TABLE o (id int4 PRIMARY KEY, k int4, x int4);
CREATE TABLE p (id int4 PRIMARY KEY, k int4, y int4);
INSERT INTO o VALUES (1, 1, 1), (2, 1, 2), (3, 2, NULL), (4, 9, 4), (5, NULL, 5);
INSERT INTO p VALUES (1, 1, 1), (2, 2, 2), (3, 2, 7), (4, NULL, 4);

-- query
SELECT p.y, o.x, (SELECT count(*) FROM p q WHERE q.k = o.k) AS n, EXISTS (SELECT FROM p q WHERE q.y > o.x) AS e FROM o JOIN p r ON r.id = o.k LEFT JOIN p ON p.id = o.x WHERE o.x NOT IN (SELECT y FROM p WHERE k = 2) OR o.x = 1 OR o.x IS NULL;

UPDATE o SET id = id + 10 WHERE id < 3;
-- refresh
UPDATE p SET id = -1 WHERE id = 1;
UPDATE p SET id = 1 WHERE id = 2;
UPDATE p SET id = 2 WHERE id = -1;
-- refresh
UPDATE p SET y = NULL WHERE k = 2;
INSERT INTO o VALUES (7, 2, 2), (8, 3, 1);
-- refresh
DELETE FROM p WHERE y IS NULL;
UPDATE o SET k = 1 WHERE x = 2;
-- refresh
INSERT INTO p VALUES (9, 2, 2), (3, 2, 3);
DELETE FROM o WHERE id = 11;
-- refresh
DELETE FROM p;
-- refresh
INSERT INTO p VALUES (1, 1, 1), (2, 2, 2);
-- refresh
