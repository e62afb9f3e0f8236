WITH RECURSIVE below (top, id) AS (SELECT id, id FROM tree UNION SELECT b.top, t.id FROM below b JOIN tree t ON t.parent = b.id) SELECT top, id FROM below

-- explain
-- Recursion(below; UNION): affected keys, rows that a change leads to are followed; rows that lost a way are looked for again
--   Project(tree.id, tree.id): algebraic, linear: computed from the changed rows
--     Scan(tree): algebraic, old and new rows are counted
--   Project(below_2.top, t.id): algebraic, linear: computed from the changed rows
--     Join((t.parent = below_2.id)): algebraic, one term per changed source: ΔA ⋈ B + (A − ΔA) ⋈ ΔB
--       Project(below.top, below.id): algebraic, linear: computed from the changed rows
--         Scan(below): algebraic, the rows of the recursion, which are kept
--       Scan(tree as t): algebraic, old and new rows are counted

-- row identity: all columns

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT r."top" AS "top", r."id" AS "id" FROM (WITH RECURSIVE "__freshet_all"("top", "id") AS (
SELECT b."top", b."id" FROM (
SELECT "tree"."id" AS "top", "tree"."id"
FROM "public"."tree" AS "tree"
) AS b
UNION
SELECT "__freshet_s1"."top", "t"."id"
FROM "__freshet_all" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
)
SELECT r."top", r."id" FROM "__freshet_all" AS r) AS r
WITH NO DATA;
CREATE INDEX "stream_freshet_row" ON "public"."stream" ((hash_record_extended(ROW("top", "id"), 0::bigint)));

CREATE INDEX "stream_freshet_by1" ON "public"."stream" USING btree ("id");

CREATE INDEX "stream_freshet_by2" ON "public"."stream" USING btree ("top");

-- full
WITH RECURSIVE "__freshet_gone" AS (
SELECT t."ctid" AS "__freshet_place", t."top", t."id" FROM (SELECT t.ctid, t."top" AS "top", t."id" AS "id" FROM "public"."stream" AS t) AS t
),
"__freshet_come" AS (
WITH RECURSIVE "__freshet_all"("top", "id") AS (
SELECT b."top", b."id" FROM (
SELECT "tree"."id" AS "top", "tree"."id"
FROM "public"."tree" AS "tree"
) AS b
UNION
SELECT "__freshet_s1"."top", "t"."id"
FROM "__freshet_all" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
)
SELECT r."top", r."id" FROM "__freshet_all" AS r
),
"__freshet_gone_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."top", s."id")::text COLLATE "C" AS __freshet_image FROM "__freshet_gone" AS s) AS i
),
"__freshet_come_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."top", s."id")::text COLLATE "C" AS __freshet_image FROM "__freshet_come" AS s) AS i
),
"__freshet_changes" AS (
SELECT a."__freshet_place" AS "__freshet_place", a."top", a."id", -1::int8 AS "__freshet_weight" FROM "__freshet_gone_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_come_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
UNION ALL
SELECT NULL::tid AS "__freshet_place", a."top", a."id", 1::int8 AS "__freshet_weight" FROM "__freshet_come_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_gone_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
),
"__freshet_deleted" AS (
DELETE FROM "public"."stream" AS t WHERE t.ctid = ANY (ARRAY(
  SELECT c."__freshet_place" FROM "__freshet_changes" AS c WHERE c."__freshet_place" IS NOT NULL))
)
INSERT INTO "public"."stream" ("top", "id")
SELECT c."top", c."id" FROM "__freshet_changes" AS c WHERE c."__freshet_place" IS NULL;

-- incremental: tree as WEIGHTED
WITH RECURSIVE "__freshet_d1" AS (
SELECT u."id", u."parent", u."__freshet_weight" FROM unnest(?::int4[], ?::int4[], ?::int8[]) AS u("id", "parent", "__freshet_weight")
),
"__freshet_keys3" AS (
SELECT "__freshet_s1"."top" AS "k1", "__freshet_s1"."id" AS "k2"
FROM "__freshet_gone" AS "__freshet_s1"
GROUP BY "__freshet_s1"."top", "__freshet_s1"."id"
),
"__freshet_keys6" AS (
SELECT "__freshet_s1"."top" AS "k1", "__freshet_s1"."id" AS "k2"
FROM "__freshet_gone" AS "__freshet_s1"
GROUP BY "__freshet_s1"."top", "__freshet_s1"."id"
),
"__freshet_heads" AS (
SELECT "tree"."id" AS "top", "tree"."id", NULL::tid AS "__freshet_place", "tree"."__freshet_weight"
FROM "__freshet_d1" AS "tree"
UNION ALL
SELECT "below"."top", "t"."id", "below"."ctid" AS "__freshet_place", "t"."__freshet_weight"
FROM (SELECT t.ctid, t."top" AS "top", t."id" AS "id" FROM "public"."stream" AS t) AS "below", "__freshet_d1" AS "t"
WHERE ("t"."parent" = "below"."id")
),
"__freshet_gone"("__freshet_place", "top", "id") AS (
SELECT t."__freshet_place", t."top", t."id" FROM "__freshet_heads" AS h CROSS JOIN LATERAL (SELECT t."ctid" AS "__freshet_place", t."top", t."id" FROM (SELECT t.ctid, t."top" AS "top", t."id" AS "id" FROM "public"."stream" AS t) AS t WHERE hash_record_extended(ROW(t."top", t."id"), 0::bigint) = hash_record_extended(ROW(h."top", h."id"), 0::bigint) AND ROW(t."top", t."id")::record = ROW(h."top", h."id")::record OFFSET 0) AS t WHERE h."__freshet_weight" < 0
UNION
SELECT t."__freshet_place", t."top", t."id" FROM (
SELECT "__freshet_s1"."top", "t"."id"
FROM "__freshet_gone" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
) AS s CROSS JOIN LATERAL (SELECT t."ctid" AS "__freshet_place", t."top", t."id" FROM (SELECT t.ctid, t."top" AS "top", t."id" AS "id" FROM "public"."stream" AS t) AS t WHERE hash_record_extended(ROW(t."top", t."id"), 0::bigint) = hash_record_extended(ROW(s."top", s."id"), 0::bigint) AND ROW(t."top", t."id")::record = ROW(s."top", s."id")::record OFFSET 0) AS t
),
"__freshet_found" AS (
SELECT x."top", x."id" FROM (
SELECT "tree"."id" AS "top", "tree"."id"
FROM "__freshet_keys3" AS "__freshet_s1", "public"."tree" AS "tree"
WHERE ("tree"."id" = "__freshet_s1"."k1" AND "tree"."id" = "__freshet_s1"."k2")
) AS x
UNION ALL
SELECT x."top", x."id" FROM (SELECT y.* FROM (
SELECT "below"."top", "t"."id", "below"."ctid" AS "__freshet_place"
FROM "__freshet_keys6" AS "__freshet_s1", (SELECT t.ctid, t."top" AS "top", t."id" AS "id" FROM "public"."stream" AS t) AS "below", "public"."tree" AS "t"
WHERE ("t"."parent" = "below"."id") AND ("below"."top" = "__freshet_s1"."k1" AND "t"."id" = "__freshet_s1"."k2")
) AS y OFFSET 0) AS x WHERE x."__freshet_place" NOT IN (SELECT g."__freshet_place" FROM "__freshet_gone" AS g)
UNION ALL
SELECT h."top", h."id" FROM (
  SELECT h.*, sum(h."__freshet_weight") OVER w AS __freshet_total, row_number() OVER w AS __freshet_nth
  FROM "__freshet_heads" AS h
  WHERE h."__freshet_place" IS NULL OR h."__freshet_place" NOT IN (SELECT g."__freshet_place" FROM "__freshet_gone" AS g)
  WINDOW w AS (PARTITION BY ROW(h."top", h."id")::text COLLATE "C")
) AS h LEFT JOIN LATERAL (SELECT TRUE AS stored FROM (SELECT t.ctid, t."top" AS "top", t."id" AS "id" FROM "public"."stream" AS t) AS t WHERE hash_record_extended(ROW(t."top", t."id"), 0::bigint) = hash_record_extended(ROW(h."top", h."id"), 0::bigint) AND ROW(t."top", t."id")::record = ROW(h."top", h."id")::record LIMIT 1) AS f ON TRUE
WHERE h.__freshet_nth = 1 AND h.__freshet_total > 0 AND f.stored IS NULL
),
"__freshet_come"("top", "id") AS (
SELECT e."top", e."id" FROM "__freshet_found" AS e
UNION
SELECT s."top", s."id" FROM (
SELECT "__freshet_s1"."top", "t"."id"
FROM "__freshet_come" AS "__freshet_s1", "public"."tree" AS "t"
WHERE ("t"."parent" = "__freshet_s1"."id")
) AS s LEFT JOIN LATERAL (SELECT TRUE AS stored FROM (SELECT t.ctid, t."top" AS "top", t."id" AS "id" FROM "public"."stream" AS t) AS t WHERE hash_record_extended(ROW(t."top", t."id"), 0::bigint) = hash_record_extended(ROW(s."top", s."id"), 0::bigint) AND ROW(t."top", t."id")::record = ROW(s."top", s."id")::record AND t."ctid" NOT IN (SELECT g."__freshet_place" FROM "__freshet_gone" AS g) LIMIT 1) AS f ON TRUE
WHERE f.stored IS NULL
),
"__freshet_gone_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."top", s."id")::text COLLATE "C" AS __freshet_image FROM "__freshet_gone" AS s) AS i
),
"__freshet_come_nth" AS (
SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
  SELECT s.*, ROW(s."top", s."id")::text COLLATE "C" AS __freshet_image FROM "__freshet_come" AS s) AS i
),
"__freshet_changes" AS (
SELECT a."__freshet_place" AS "__freshet_place", a."top", a."id", -1::int8 AS "__freshet_weight" FROM "__freshet_gone_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_come_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
UNION ALL
SELECT NULL::tid AS "__freshet_place", a."top", a."id", 1::int8 AS "__freshet_weight" FROM "__freshet_come_nth" AS a
WHERE NOT EXISTS (
  SELECT FROM "__freshet_gone_nth" AS b
  WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)
),
"__freshet_deleted" AS (
DELETE FROM "public"."stream" AS t WHERE t.ctid = ANY (ARRAY(
  SELECT c."__freshet_place" FROM "__freshet_changes" AS c WHERE c."__freshet_place" IS NOT NULL))
)
INSERT INTO "public"."stream" ("top", "id")
SELECT c."top", c."id" FROM "__freshet_changes" AS c WHERE c."__freshet_place" IS NULL;
