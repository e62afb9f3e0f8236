SELECT id, region, ntile(4) OVER (PARTITION BY region ORDER BY amount, id) AS quarter FROM src

-- explain
-- Project(src.id, src.region, window.w1): algebraic, linear: computed from the changed rows
--   Window(src.region; ntile(4) OVER (PARTITION BY src.region ORDER BY src.amount, src.id)): affected keys, partitions that changed are computed again
--     Project(src.id, src.region, src.amount): algebraic, linear: computed from the changed rows
--       Scan(src): algebraic, old and new rows are counted

-- row identity: found by src.region, equal rows counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."id", "src"."region", ntile(4) OVER (PARTITION BY "src"."region" ORDER BY "src"."amount", "src"."id") AS "quarter"
FROM "public"."src" AS "src"
WITH NO DATA;
CREATE INDEX "stream_freshet_key" ON "public"."stream" ("region");

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", z."quarter" AS "quarter", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "id", "region", "quarter", 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region", ntile(4) OVER (PARTITION BY "src"."region" ORDER BY "src"."amount", "src"."id") AS "quarter"
FROM "public"."src" AS "src"
) AS q
UNION ALL
SELECT "id", "region", "quarter", -1 FROM (
SELECT "id", "region", "quarter" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."id", z."region", z."quarter"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."id", t."region", t."quarter"), 0::bigint) = hash_record_extended(ROW(z."id", z."region", z."quarter"), 0::bigint) AND ROW(t."id", t."region", t."quarter")::record = ROW(z."id", z."region", z."quarter")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region", "quarter")
SELECT z."id", z."region", z."quarter" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: src as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::int8[]) AS u("id", "region", "amount", "__freshet_weight")
),
"__freshet_keys2" AS (
SELECT "src"."region" AS "k1"
FROM "__freshet_d1" AS "src"
GROUP BY "src"."region"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."region", t."quarter" FROM "__freshet_keys2" AS k, "public"."stream" AS t WHERE t."region" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", z."quarter" AS "quarter", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region", ntile(4) OVER (PARTITION BY "src"."region" ORDER BY "src"."amount", "src"."id") AS "quarter"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s1"."k1")
) AS q
UNION ALL
SELECT "id", "region", "quarter", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."region", z."quarter"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."region", o."quarter"), 0::bigint) = hash_record_extended(ROW(z."id", z."region", z."quarter"), 0::bigint) AND ROW(o."id", o."region", o."quarter")::record = ROW(z."id", z."region", z."quarter")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region", "quarter")
SELECT z."id", z."region", z."quarter" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
