SELECT id, region, amount, row_number() OVER w AS nr, sum(amount) OVER w AS so_far FROM src WINDOW w AS (PARTITION BY region ORDER BY id)

-- explain
-- Project(src.id, src.region, src.amount, window.w1, window.w2): algebraic, linear: computed from the changed rows
--   Window(src.region; row_number() OVER (PARTITION BY src.region ORDER BY src.id), sum(src.amount) OVER (PARTITION BY src.region ORDER BY src.id)): affected keys, values run along the order: computed from the first change of a partition on
--     Project(src.id, src.region, src.amount): algebraic, linear: computed from the changed rows
--       Scan(src): algebraic, old and new rows are counted

-- row identity: the place in the window's order, equal rows counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."id", "src"."region", "src"."amount", row_number() OVER (PARTITION BY "src"."region" ORDER BY "src"."id") AS "nr", sum("src"."amount") OVER (PARTITION BY "src"."region" ORDER BY "src"."id") AS "so_far", count(*) OVER (PARTITION BY "src"."region" ORDER BY "src"."id" ASC NULLS LAST) AS "__freshet_k1"
FROM "public"."src" AS "src"
WITH NO DATA;
CREATE INDEX "stream_freshet_window" ON "public"."stream" ("region", ("id") ASC NULLS LAST);

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", z."amount" AS "amount", z."nr" AS "nr", z."so_far" AS "so_far", z."__freshet_k1" AS "__freshet_k1", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "id", "region", "amount", "nr", "so_far", "__freshet_k1", 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region", "src"."amount", row_number() OVER (PARTITION BY "src"."region" ORDER BY "src"."id") AS "nr", sum("src"."amount") OVER (PARTITION BY "src"."region" ORDER BY "src"."id") AS "so_far", count(*) OVER (PARTITION BY "src"."region" ORDER BY "src"."id" ASC NULLS LAST) AS "__freshet_k1"
FROM "public"."src" AS "src"
) AS q
UNION ALL
SELECT "id", "region", "amount", "nr", "so_far", "__freshet_k1", -1 FROM (
SELECT "id", "region", "amount", "nr", "so_far", "__freshet_k1" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."id", t."region", t."amount", t."nr", t."so_far", t."__freshet_k1"), 0::bigint) = hash_record_extended(ROW(z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1"), 0::bigint) AND ROW(t."id", t."region", t."amount", t."nr", t."so_far", t."__freshet_k1")::record = ROW(z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region", "amount", "nr", "so_far", "__freshet_k1")
SELECT z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: src as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::int8[]) AS u("id", "region", "amount", "__freshet_weight")
),
"__freshet_bounds2" AS (
SELECT DISTINCT ON ("src"."region") "src"."region" AS "k1", "src"."id" AS "b1"
FROM "__freshet_d1" AS "src"
ORDER BY "src"."region", "src"."id" ASC NULLS LAST
),
"__freshet_first" AS (
SELECT * FROM "__freshet_bounds2"
),
"__freshet_bounds" AS (
SELECT k.*, c.* FROM "__freshet_first" AS k LEFT JOIN LATERAL (
  SELECT t."__freshet_k1" AS "c1", t."so_far" AS "c2" FROM "public"."stream" AS t WHERE t."region" = k."k1" AND (t."id") <= k."b1" AND COALESCE((t."id") < (k."b1"), (k."b1") IS NULL AND (t."id") IS NOT NULL) ORDER BY (t."id") DESC NULLS FIRST LIMIT 1
) AS c ON TRUE
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."region", t."amount", t."nr", t."so_far", t."__freshet_k1" FROM "__freshet_bounds" AS k, "public"."stream" AS t WHERE t."region" = k."k1" AND (t."id") >= k."b1" AND (NOT COALESCE((t."id") < (k."b1"), (k."b1") IS NULL AND (t."id") IS NOT NULL))
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", z."amount" AS "amount", z."nr" AS "nr", z."so_far" AS "so_far", z."__freshet_k1" AS "__freshet_k1", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region", "src"."amount", (COALESCE("__freshet_s1"."c1", 0) + (row_number() OVER (PARTITION BY "src"."region" ORDER BY "src"."id"))) AS "nr", (CASE WHEN "__freshet_s1"."c2" IS NULL THEN (sum("src"."amount") OVER (PARTITION BY "src"."region" ORDER BY "src"."id")) WHEN (sum("src"."amount") OVER (PARTITION BY "src"."region" ORDER BY "src"."id")) IS NULL THEN "__freshet_s1"."c2" ELSE "__freshet_s1"."c2" + (sum("src"."amount") OVER (PARTITION BY "src"."region" ORDER BY "src"."id")) END) AS "so_far", (COALESCE("__freshet_s1"."c1", 0) + (count(*) OVER (PARTITION BY "src"."region" ORDER BY "src"."id" ASC NULLS LAST))) AS "__freshet_k1"
FROM "__freshet_bounds" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s1"."k1") AND ("src"."id" >= "__freshet_s1"."b1") AND (NOT COALESCE("src"."id" < "__freshet_s1"."b1", "__freshet_s1"."b1" IS NULL AND "src"."id" IS NOT NULL))
) AS q
UNION ALL
SELECT "id", "region", "amount", "nr", "so_far", "__freshet_k1", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."region", o."amount", o."nr", o."so_far", o."__freshet_k1"), 0::bigint) = hash_record_extended(ROW(z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1"), 0::bigint) AND ROW(o."id", o."region", o."amount", o."nr", o."so_far", o."__freshet_k1")::record = ROW(z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region", "amount", "nr", "so_far", "__freshet_k1")
SELECT z."id", z."region", z."amount", z."nr", z."so_far", z."__freshet_k1" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
