-- Keys change places, and one of three like rows goes, in one delta.
CREATE TABLE a (id int PRIMARY KEY, k int);
CREATE TABLE b (k int, t text);
INSERT INTO a VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO b VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL);

-- query
SELECT a.id, b.t, a.k + 1 AS next FROM a JOIN b ON b.k = a.k;

UPDATE a SET id = -1 WHERE id = 1;
UPDATE a SET id = 1 WHERE id = 2;
UPDATE a SET id = 2 WHERE id = -1;
DELETE FROM b WHERE ctid = (SELECT min(ctid) FROM b);
-- refresh

-- refresh

TRUNCATE b;
INSERT INTO b VALUES (1, 'x'), (2, NULL), (2, NULL);
-- refresh
UPDATE a SET k = 2;
-- refresh FULL
