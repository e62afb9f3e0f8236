CREATE TABLE a (id int4 PRIMARY KEY, k int4);
INSERT INTO a VALUES (1, 1), (2, 2);

-- query
SELECT (- '0'::int4) AS z, (- 0.5::numeric) AS h, count(*) AS n, sum(k) AS s FROM a GROUP BY (- '0'::int4), (- 0.5::numeric) ORDER BY (- '7'::int4);

INSERT INTO a VALUES (3, 3);
-- refresh
DELETE FROM a;
-- refresh
