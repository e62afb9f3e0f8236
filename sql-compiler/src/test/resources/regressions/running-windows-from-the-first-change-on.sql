CREATE TABLE m (id int4 PRIMARY KEY, k text, at date, v int4);
INSERT INTO m VALUES (1, 'a', '2026-01-01', 1), (2, 'a', '2026-01-01', NULL), (3, 'a', '2026-01-02', 3), (4, NULL, NULL, 4), (5, NULL, '2026-01-05', 5), (6, 'b', NULL, 6);

-- query
SELECT m.id, rank() OVER w AS r, dense_rank() OVER w AS d, sum(v) OVER w AS s, avg(v) FILTER (WHERE v <> 3) OVER w AS mean, min(v) OVER w AS least, lead(k, 2) OVER (PARTITION BY k ORDER BY at DESC, id) IS NULL AS late FROM m WINDOW w AS (PARTITION BY k ORDER BY at DESC, id);

INSERT INTO m VALUES (7, 'a', '2026-01-02', 7), (8, NULL, NULL, 8);
-- refresh
UPDATE m SET at = '2025-12-31' WHERE id = 3;
DELETE FROM m WHERE id = 4;
-- refresh
UPDATE m SET k = 'b' WHERE id IN (1, 5);
-- refresh
UPDATE m SET v = v + 1 WHERE k = 'b';
INSERT INTO m VALUES (9, 'c', '2026-01-09', 9);
-- refresh
DELETE FROM m WHERE k = 'b' OR k IS NULL;
-- refresh
DELETE FROM m;
-- refresh
INSERT INTO m VALUES (1, 'a', '2026-01-01', 1), (2, 'a', NULL, 2);
-- refresh
