WITH RECURSIVE line AS (SELECT id, name::text AS path FROM tree WHERE parent IS NULL UNION ALL SELECT t.id, l.path || '/' || t.name FROM line l JOIN tree t ON t.parent = l.id) SELECT l.path, s.amount FROM line l JOIN src s ON s.id = l.id

-- explain
-- WithRecursive: affected keys, the rows of the recursion are kept in a table beside the stream table
--   Recursion(line; UNION ALL): affected keys, rows that a change leads to are followed; rows that lost a way are looked for again
--     Project(tree.id, tree.name): algebraic, linear: computed from the changed rows
--       Filter((tree.parent IS NULL)): algebraic, linear: applied to the changed rows
--         Scan(tree): algebraic, old and new rows are counted
--     Project(t.id, ((line_2.path || '/'::text) || t.name)): algebraic, linear: computed from the changed rows
--       Join((t.parent = line_2.id)): algebraic, one term per changed source: ΔA ⋈ B + (A − ΔA) ⋈ ΔB
--         Project(line.id, line.path): algebraic, linear: computed from the changed rows
--           Scan(line): algebraic, the rows of the recursion, which are kept
--         Scan(tree as t): algebraic, old and new rows are counted
--   Project(line_4.path, s.amount): algebraic, linear: computed from the changed rows
--     Join((s.id = line_4.id)): algebraic, one term per changed source: ΔA ⋈ B + (A − ΔA) ⋈ ΔB
--       Project(line_3.id, line_3.path): algebraic, linear: computed from the changed rows
--         Scan(line as line_3): algebraic, the rows of the recursion, which are kept
--       Scan(src as s): algebraic, old and new rows are counted

-- row identity: bag: no key, duplicates counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "line_3"."path", "s"."amount"
FROM (WITH RECURSIVE "__freshet_all"("id", "path") AS (
SELECT b."id", b."path" FROM (
SELECT "tree"."id", "tree"."name" AS "path"
FROM "public"."tree" AS "tree"
WHERE ("tree"."parent" IS NULL)
) AS b
UNION ALL
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_all" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
)
SELECT r."id", r."path" FROM "__freshet_all" AS r) AS "line_3", "public"."src" AS "s"
WHERE ("s"."id" = "line_3"."id")
WITH NO DATA;
CREATE INDEX "stream_freshet_bag" ON "public"."stream" ((hash_record_extended(ROW("path", "amount"), 0::bigint)));

-- hidden tables
CREATE TABLE "public"."stream_freshet_recursive1" WITH (fillfactor = 90) AS
SELECT r."id" AS "id", r."path" AS "path" FROM (WITH RECURSIVE "__freshet_all"("id", "path") AS (
SELECT b."id", b."path" FROM (
SELECT "tree"."id", "tree"."name" AS "path"
FROM "public"."tree" AS "tree"
WHERE ("tree"."parent" IS NULL)
) AS b
UNION ALL
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_all" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
)
SELECT r."id", r."path" FROM "__freshet_all" AS r) AS r
WITH NO DATA;

INSERT INTO "public"."stream_freshet_recursive1" ("id", "path")
SELECT r."id" AS "id", r."path" AS "path" FROM (WITH RECURSIVE "__freshet_all"("id", "path") AS (
SELECT b."id", b."path" FROM (
SELECT "tree"."id", "tree"."name" AS "path"
FROM "public"."tree" AS "tree"
WHERE ("tree"."parent" IS NULL)
) AS b
UNION ALL
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_all" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
)
SELECT r."id", r."path" FROM "__freshet_all" AS r) AS r;

CREATE INDEX "stream_freshet_recursive1_freshet_row" ON "public"."stream_freshet_recursive1" ((hash_record_extended(ROW("id", "path"), 0::bigint)));

CREATE INDEX "stream_freshet_recursive1_freshet_by1" ON "public"."stream_freshet_recursive1" USING btree ("id");

-- full
CREATE TABLE IF NOT EXISTS "public"."stream_freshet_recursive1" WITH (fillfactor = 90) AS
SELECT r."id" AS "id", r."path" AS "path" FROM (WITH RECURSIVE "__freshet_all"("id", "path") AS (
SELECT b."id", b."path" FROM (
SELECT "tree"."id", "tree"."name" AS "path"
FROM "public"."tree" AS "tree"
WHERE ("tree"."parent" IS NULL)
) AS b
UNION ALL
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_all" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
)
SELECT r."id", r."path" FROM "__freshet_all" AS r) AS r
WITH NO DATA;

CREATE INDEX IF NOT EXISTS "stream_freshet_recursive1_freshet_row" ON "public"."stream_freshet_recursive1" ((hash_record_extended(ROW("id", "path"), 0::bigint)));

CREATE INDEX IF NOT EXISTS "stream_freshet_recursive1_freshet_by1" ON "public"."stream_freshet_recursive1" USING btree ("id");

WITH RECURSIVE "__freshet_gone" AS (
SELECT t."ctid" AS "__freshet_place", t."id", t."path" FROM "public"."stream_freshet_recursive1" AS t
),
"__freshet_come" AS (
WITH RECURSIVE "__freshet_all"("id", "path") AS (
SELECT b."id", b."path" FROM (
SELECT "tree"."id", "tree"."name" AS "path"
FROM "public"."tree" AS "tree"
WHERE ("tree"."parent" IS NULL)
) AS b
UNION ALL
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_all" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
)
SELECT r."id", r."path" FROM "__freshet_all" AS r
),
"__freshet_gone_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."id", s."path")::text COLLATE "C" AS __freshet_image FROM "__freshet_gone" AS s) AS i
),
"__freshet_come_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."id", s."path")::text COLLATE "C" AS __freshet_image FROM "__freshet_come" AS s) AS i
),
"__freshet_changes" AS (
SELECT a."__freshet_place" AS "__freshet_place", a."id", a."path", -1::int8 AS "__freshet_weight" FROM "__freshet_gone_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_come_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
UNION ALL
SELECT NULL::tid AS "__freshet_place", a."id", a."path", 1::int8 AS "__freshet_weight" FROM "__freshet_come_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_gone_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
),
"__freshet_deleted" AS (
DELETE FROM "public"."stream_freshet_recursive1" AS t WHERE t.ctid = ANY (ARRAY(
  SELECT c."__freshet_place" FROM "__freshet_changes" AS c WHERE c."__freshet_place" IS NOT NULL))
)
INSERT INTO "public"."stream_freshet_recursive1" ("id", "path")
SELECT c."id", c."path" FROM "__freshet_changes" AS c WHERE c."__freshet_place" IS NULL;

WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."path" AS "path", z."amount" AS "amount", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "path", "amount", 1 AS "__freshet_weight" FROM (
SELECT "line_3"."path", "s"."amount"
FROM "public"."stream_freshet_recursive1" AS "line_3", "public"."src" AS "s"
WHERE ("s"."id" = "line_3"."id")
) AS q
UNION ALL
SELECT "path", "amount", -1 FROM (
SELECT "path", "amount" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."path", z."amount"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."path", t."amount"), 0::bigint) = hash_record_extended(ROW(z."path", z."amount"), 0::bigint) AND ROW(t."path", t."amount")::record = ROW(z."path", z."amount")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("path", "amount")
SELECT z."path", z."amount" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: tree as WEIGHTED
CREATE TEMPORARY TABLE "__freshet_delta_bccdea37_1" ON COMMIT DROP AS
WITH RECURSIVE "__freshet_d1" AS (
SELECT u."id", u."parent", u."name", u."__freshet_weight" FROM unnest(?::int4[], ?::int4[], ?::text[], ?::int8[]) AS u("id", "parent", "name", "__freshet_weight")
),
"__freshet_keys3" AS (
SELECT "__freshet_s1"."id" AS "k1", "__freshet_s1"."path" AS "k2"
FROM "__freshet_gone" AS "__freshet_s1"
GROUP BY "__freshet_s1"."id", "__freshet_s1"."path"
),
"__freshet_keys6" AS (
SELECT "__freshet_s1"."id" AS "k1", "__freshet_s1"."path" AS "k2"
FROM "__freshet_gone" AS "__freshet_s1"
GROUP BY "__freshet_s1"."id", "__freshet_s1"."path"
),
"__freshet_heads" AS (
SELECT "tree"."id", "tree"."name" AS "path", NULL::tid AS "__freshet_place", "tree"."__freshet_weight"
FROM "__freshet_d1" AS "tree"
WHERE ("tree"."parent" IS NULL)
UNION ALL
SELECT "t"."id", (("line"."path" || '/'::text) || "t"."name") AS "path", "line"."ctid" AS "__freshet_place", "t"."__freshet_weight"
FROM "public"."stream_freshet_recursive1" AS "line", "__freshet_d1" AS "t"
WHERE ("t"."parent" = "line"."id")
),
"__freshet_gone"("__freshet_place", "id", "path") AS (
SELECT t."__freshet_place", t."id", t."path" FROM "__freshet_heads" AS h CROSS JOIN LATERAL (SELECT t."ctid" AS "__freshet_place", t."id", t."path" FROM "public"."stream_freshet_recursive1" AS t WHERE hash_record_extended(ROW(t."id", t."path"), 0::bigint) = hash_record_extended(ROW(h."id", h."path"), 0::bigint) AND ROW(t."id", t."path")::record = ROW(h."id", h."path")::record OFFSET 0) AS t
UNION
SELECT t."__freshet_place", t."id", t."path" FROM (
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_gone" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
) AS s CROSS JOIN LATERAL (SELECT t."ctid" AS "__freshet_place", t."id", t."path" FROM "public"."stream_freshet_recursive1" AS t WHERE hash_record_extended(ROW(t."id", t."path"), 0::bigint) = hash_record_extended(ROW(s."id", s."path"), 0::bigint) AND ROW(t."id", t."path")::record = ROW(s."id", s."path")::record OFFSET 0) AS t
),
"__freshet_found" AS (
SELECT x."id", x."path" FROM (
SELECT "tree"."id", "tree"."name" AS "path"
FROM "__freshet_keys3" AS "__freshet_s1", "public"."tree" AS "tree"
WHERE ("tree"."id" = "__freshet_s1"."k1" AND "tree"."name" = "__freshet_s1"."k2") AND ("tree"."parent" IS NULL)
) AS x
UNION ALL
SELECT x."id", x."path" FROM (SELECT y.* FROM (
SELECT "t"."id", (("line"."path" || '/'::text) || "t"."name") AS "path", "line"."ctid" AS "__freshet_place"
FROM "__freshet_keys6" AS "__freshet_s1", "public"."stream_freshet_recursive1" AS "line", "public"."tree" AS "t"
WHERE ("t"."parent" = "line"."id") AND ("t"."id" = "__freshet_s1"."k1" AND (((((("line"."path" || '/'::text) || "t"."name")))) = "__freshet_s1"."k2" OR (((((("line"."path" || '/'::text) || "t"."name")))) IS NULL AND "__freshet_s1"."k2" IS NULL)))
) AS y OFFSET 0) AS x WHERE x."__freshet_place" NOT IN (SELECT g."__freshet_place" FROM "__freshet_gone" AS g)
UNION ALL
SELECT h."id", h."path" FROM (
  SELECT h.*, sum(h."__freshet_weight") OVER w AS __freshet_total, row_number() OVER w AS __freshet_nth
  FROM "__freshet_heads" AS h
  WHERE h."__freshet_place" IS NULL OR h."__freshet_place" NOT IN (SELECT g."__freshet_place" FROM "__freshet_gone" AS g)
  WINDOW w AS (PARTITION BY ROW(h."id", h."path")::text COLLATE "C")
) AS h LEFT JOIN LATERAL (SELECT TRUE AS stored FROM "public"."stream_freshet_recursive1" AS t WHERE hash_record_extended(ROW(t."id", t."path"), 0::bigint) = hash_record_extended(ROW(h."id", h."path"), 0::bigint) AND ROW(t."id", t."path")::record = ROW(h."id", h."path")::record LIMIT 1) AS f ON TRUE CROSS JOIN LATERAL unnest(array_fill(TRUE, ARRAY[greatest(h.__freshet_total, 0)::int4])) AS c
WHERE h.__freshet_nth = 1 AND h.__freshet_total > 0 AND f.stored IS NULL
),
"__freshet_come"("id", "path") AS (
SELECT e."id", e."path" FROM "__freshet_found" AS e
UNION ALL
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_come" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
),
"__freshet_gone_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."id", s."path")::text COLLATE "C" AS __freshet_image FROM "__freshet_gone" AS s) AS i
),
"__freshet_come_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."id", s."path")::text COLLATE "C" AS __freshet_image FROM "__freshet_come" AS s) AS i
),
"__freshet_changes" AS (
SELECT a."__freshet_place" AS "__freshet_place", a."id", a."path", -1::int8 AS "__freshet_weight" FROM "__freshet_gone_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_come_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
UNION ALL
SELECT NULL::tid AS "__freshet_place", a."id", a."path", 1::int8 AS "__freshet_weight" FROM "__freshet_come_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_gone_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
)
SELECT * FROM "__freshet_changes";

ANALYZE "__freshet_delta_bccdea37_1";

DELETE FROM "public"."stream_freshet_recursive1" AS t WHERE t.ctid = ANY (ARRAY(
  SELECT c."__freshet_place" FROM "__freshet_delta_bccdea37_1" AS c WHERE c."__freshet_place" IS NOT NULL));

INSERT INTO "public"."stream_freshet_recursive1" ("id", "path")
SELECT c."id", c."path" FROM "__freshet_delta_bccdea37_1" AS c WHERE c."__freshet_place" IS NULL;

WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."path" AS "path", z."amount" AS "amount", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "line_3"."path", "s"."amount", "line_3"."__freshet_weight"
FROM pg_temp."__freshet_delta_bccdea37_1" AS "line_3", "public"."src" AS "s"
WHERE ("s"."id" = "line_3"."id")
) AS z
GROUP BY z."path", z."amount"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."path", t."amount"), 0::bigint) = hash_record_extended(ROW(z."path", z."amount"), 0::bigint) AND ROW(t."path", t."amount")::record = ROW(z."path", z."amount")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("path", "amount")
SELECT z."path", z."amount" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

DROP TABLE pg_temp."__freshet_delta_bccdea37_1";

-- incremental: src as WEIGHTED
WITH "__freshet_d2" AS (
SELECT u."id", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::int4[], ?::int8[]) AS u("id", "amount", "__freshet_weight")
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."path" AS "path", z."amount" AS "amount", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "line_3"."path", "s"."amount", "s"."__freshet_weight"
FROM "public"."stream_freshet_recursive1" AS "line_3", "__freshet_d2" AS "s"
WHERE ("s"."id" = "line_3"."id")
) AS z
GROUP BY z."path", z."amount"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."path", t."amount"), 0::bigint) = hash_record_extended(ROW(z."path", z."amount"), 0::bigint) AND ROW(t."path", t."amount")::record = ROW(z."path", z."amount")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("path", "amount")
SELECT z."path", z."amount" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: all
CREATE TEMPORARY TABLE "__freshet_delta_bccdea37_1" ON COMMIT DROP AS
WITH RECURSIVE "__freshet_d1" AS (
SELECT u."id", u."parent", u."name", u."__freshet_weight" FROM unnest(?::int4[], ?::int4[], ?::text[], ?::int8[]) AS u("id", "parent", "name", "__freshet_weight")
),
"__freshet_keys3" AS (
SELECT "__freshet_s1"."id" AS "k1", "__freshet_s1"."path" AS "k2"
FROM "__freshet_gone" AS "__freshet_s1"
GROUP BY "__freshet_s1"."id", "__freshet_s1"."path"
),
"__freshet_keys6" AS (
SELECT "__freshet_s1"."id" AS "k1", "__freshet_s1"."path" AS "k2"
FROM "__freshet_gone" AS "__freshet_s1"
GROUP BY "__freshet_s1"."id", "__freshet_s1"."path"
),
"__freshet_heads" AS (
SELECT "tree"."id", "tree"."name" AS "path", NULL::tid AS "__freshet_place", "tree"."__freshet_weight"
FROM "__freshet_d1" AS "tree"
WHERE ("tree"."parent" IS NULL)
UNION ALL
SELECT "t"."id", (("line"."path" || '/'::text) || "t"."name") AS "path", "line"."ctid" AS "__freshet_place", "t"."__freshet_weight"
FROM "public"."stream_freshet_recursive1" AS "line", "__freshet_d1" AS "t"
WHERE ("t"."parent" = "line"."id")
),
"__freshet_gone"("__freshet_place", "id", "path") AS (
SELECT t."__freshet_place", t."id", t."path" FROM "__freshet_heads" AS h CROSS JOIN LATERAL (SELECT t."ctid" AS "__freshet_place", t."id", t."path" FROM "public"."stream_freshet_recursive1" AS t WHERE hash_record_extended(ROW(t."id", t."path"), 0::bigint) = hash_record_extended(ROW(h."id", h."path"), 0::bigint) AND ROW(t."id", t."path")::record = ROW(h."id", h."path")::record OFFSET 0) AS t
UNION
SELECT t."__freshet_place", t."id", t."path" FROM (
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_gone" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
) AS s CROSS JOIN LATERAL (SELECT t."ctid" AS "__freshet_place", t."id", t."path" FROM "public"."stream_freshet_recursive1" AS t WHERE hash_record_extended(ROW(t."id", t."path"), 0::bigint) = hash_record_extended(ROW(s."id", s."path"), 0::bigint) AND ROW(t."id", t."path")::record = ROW(s."id", s."path")::record OFFSET 0) AS t
),
"__freshet_found" AS (
SELECT x."id", x."path" FROM (
SELECT "tree"."id", "tree"."name" AS "path"
FROM "__freshet_keys3" AS "__freshet_s1", "public"."tree" AS "tree"
WHERE ("tree"."id" = "__freshet_s1"."k1" AND "tree"."name" = "__freshet_s1"."k2") AND ("tree"."parent" IS NULL)
) AS x
UNION ALL
SELECT x."id", x."path" FROM (SELECT y.* FROM (
SELECT "t"."id", (("line"."path" || '/'::text) || "t"."name") AS "path", "line"."ctid" AS "__freshet_place"
FROM "__freshet_keys6" AS "__freshet_s1", "public"."stream_freshet_recursive1" AS "line", "public"."tree" AS "t"
WHERE ("t"."parent" = "line"."id") AND ("t"."id" = "__freshet_s1"."k1" AND (((((("line"."path" || '/'::text) || "t"."name")))) = "__freshet_s1"."k2" OR (((((("line"."path" || '/'::text) || "t"."name")))) IS NULL AND "__freshet_s1"."k2" IS NULL)))
) AS y OFFSET 0) AS x WHERE x."__freshet_place" NOT IN (SELECT g."__freshet_place" FROM "__freshet_gone" AS g)
UNION ALL
SELECT h."id", h."path" FROM (
  SELECT h.*, sum(h."__freshet_weight") OVER w AS __freshet_total, row_number() OVER w AS __freshet_nth
  FROM "__freshet_heads" AS h
  WHERE h."__freshet_place" IS NULL OR h."__freshet_place" NOT IN (SELECT g."__freshet_place" FROM "__freshet_gone" AS g)
  WINDOW w AS (PARTITION BY ROW(h."id", h."path")::text COLLATE "C")
) AS h LEFT JOIN LATERAL (SELECT TRUE AS stored FROM "public"."stream_freshet_recursive1" AS t WHERE hash_record_extended(ROW(t."id", t."path"), 0::bigint) = hash_record_extended(ROW(h."id", h."path"), 0::bigint) AND ROW(t."id", t."path")::record = ROW(h."id", h."path")::record LIMIT 1) AS f ON TRUE CROSS JOIN LATERAL unnest(array_fill(TRUE, ARRAY[greatest(h.__freshet_total, 0)::int4])) AS c
WHERE h.__freshet_nth = 1 AND h.__freshet_total > 0 AND f.stored IS NULL
),
"__freshet_come"("id", "path") AS (
SELECT e."id", e."path" FROM "__freshet_found" AS e
UNION ALL
SELECT "t"."id", (("__freshet_s1"."path" || '/'::text) || "t"."name") AS "path"
FROM "__freshet_come" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
),
"__freshet_gone_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."id", s."path")::text COLLATE "C" AS __freshet_image FROM "__freshet_gone" AS s) AS i
),
"__freshet_come_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."id", s."path")::text COLLATE "C" AS __freshet_image FROM "__freshet_come" AS s) AS i
),
"__freshet_changes" AS (
SELECT a."__freshet_place" AS "__freshet_place", a."id", a."path", -1::int8 AS "__freshet_weight" FROM "__freshet_gone_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_come_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
UNION ALL
SELECT NULL::tid AS "__freshet_place", a."id", a."path", 1::int8 AS "__freshet_weight" FROM "__freshet_come_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_gone_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
)
SELECT * FROM "__freshet_changes";

ANALYZE "__freshet_delta_bccdea37_1";

DELETE FROM "public"."stream_freshet_recursive1" AS t WHERE t.ctid = ANY (ARRAY(
  SELECT c."__freshet_place" FROM "__freshet_delta_bccdea37_1" AS c WHERE c."__freshet_place" IS NOT NULL));

INSERT INTO "public"."stream_freshet_recursive1" ("id", "path")
SELECT c."id", c."path" FROM "__freshet_delta_bccdea37_1" AS c WHERE c."__freshet_place" IS NULL;

WITH "__freshet_d2" AS (
SELECT u."id", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::int4[], ?::int8[]) AS u("id", "amount", "__freshet_weight")
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."path" AS "path", z."amount" AS "amount", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "__freshet_s1"."path", "__freshet_s1"."amount", "__freshet_s1"."__freshet_weight"
FROM (SELECT "line_3"."id", "line_3"."path", "s"."id" AS "id_2", "s"."amount", "line_3"."__freshet_weight"
FROM pg_temp."__freshet_delta_bccdea37_1" AS "line_3", "public"."src" AS "s"
WHERE ("s"."id" = "line_3"."id")
UNION ALL
SELECT "line_3"."id", "line_3"."path", "s"."id" AS "id_2", "s"."amount", "s"."__freshet_weight"
FROM "public"."stream_freshet_recursive1" AS "line_3", "__freshet_d2" AS "s"
WHERE ("s"."id" = "line_3"."id")
UNION ALL
SELECT "line_3"."id", "line_3"."path", "s"."id" AS "id_2", "s"."amount", -(("line_3"."__freshet_weight" * "s"."__freshet_weight")) AS "__freshet_weight"
FROM pg_temp."__freshet_delta_bccdea37_1" AS "line_3", "__freshet_d2" AS "s"
WHERE ("s"."id" = "line_3"."id")) AS "__freshet_s1"
) AS z
GROUP BY z."path", z."amount"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."path", t."amount"), 0::bigint) = hash_record_extended(ROW(z."path", z."amount"), 0::bigint) AND ROW(t."path", t."amount")::record = ROW(z."path", z."amount")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("path", "amount")
SELECT z."path", z."amount" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

DROP TABLE pg_temp."__freshet_delta_bccdea37_1";
