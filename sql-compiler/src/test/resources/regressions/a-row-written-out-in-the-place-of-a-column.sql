-- a column that is a row written out, on the left of IN and compared: taken for several columns
CREATE TYPE pair AS (number int4, word text);
CREATE TABLE t0 (s bytea);
CREATE TABLE t2 (x pair);
CREATE TABLE edge (dst int4);
INSERT INTO edge VALUES (1);

-- query
SELECT r5.dst AS c5, (r4.c1 = r4.c2) AS c6 FROM ((SELECT ROW(NULL::int4, 'a'::text)::pair AS c1, ROW(NULL::int4, 'a'::text)::pair AS c2 FROM t2 AS r3 GROUP BY r3.x) AS r4 LEFT JOIN edge AS r5 ON (r4.c1 NOT IN (SELECT NULL::pair AS c2 FROM t0 AS r6)));

INSERT INTO t2 (x) VALUES ('(1,a)'::pair);
-- refresh

INSERT INTO t0 VALUES ('\x01');
-- refresh
