SELECT id, amount, region NOT IN (SELECT name FROM dim) AS unknown FROM src

-- explain
-- Project(src.id, src.amount, (NOT value.v)): algebraic, linear: computed from the changed rows
--   Project(src.id, src.amount, CASE WHEN value.__freshet_in1 THEN true ELSE false END): algebraic, linear: computed from the changed rows
--     SubQuery(EXISTS (…) → value.__freshet_in1): affected keys, evaluated for changed rows, and for those whose answer may change
--       Project(src.id, src.region, src.amount): algebraic, linear: computed from the changed rows
--         Scan(src): algebraic, rows are found by the primary key (id)
--       Project(): algebraic, linear: computed from the changed rows
--         Filter((src.region = query.name)): algebraic, linear: applied to the changed rows
--           Project(dim.name): algebraic, linear: computed from the changed rows
--             Scan(dim): algebraic, old and new rows are counted

-- row identity: found by src.id, equal rows counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."id", "src"."amount", (NOT (CASE WHEN (EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("src"."region" = "dim"."name"))) THEN true ELSE false END)) AS "unknown"
FROM "public"."src" AS "src"
WITH NO DATA;
CREATE INDEX "stream_freshet_key" ON "public"."stream" ("id");

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."unknown" AS "unknown", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "id", "amount", "unknown", 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."amount", (NOT (CASE WHEN (EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("src"."region" = "dim"."name"))) THEN true ELSE false END)) AS "unknown"
FROM "public"."src" AS "src"
) AS q
UNION ALL
SELECT "id", "amount", "unknown", -1 FROM (
SELECT "id", "amount", "unknown" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."id", z."amount", z."unknown"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."id", t."amount", t."unknown"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."unknown"), 0::bigint) AND ROW(t."id", t."amount", t."unknown")::record = ROW(z."id", z."amount", z."unknown")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "unknown")
SELECT z."id", z."amount", z."unknown" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: src as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::bool[]) AS u("id", "region", "amount", "__freshet_present")
),
"__freshet_keys2" AS (
SELECT "src"."id" AS "k1"
FROM "__freshet_k1" AS "src"
GROUP BY "src"."id"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."amount", t."unknown" FROM "__freshet_keys2" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."unknown" AS "unknown", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."amount", (NOT (CASE WHEN (EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("src"."region" = "dim"."name"))) THEN true ELSE false END)) AS "unknown"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."id" = "__freshet_s1"."k1")
) AS q
UNION ALL
SELECT "id", "amount", "unknown", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."amount", z."unknown"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."amount", o."unknown"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."unknown"), 0::bigint) AND ROW(o."id", o."amount", o."unknown")::record = ROW(z."id", z."amount", z."unknown")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "unknown")
SELECT z."id", z."amount", z."unknown" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: dim as WEIGHTED
WITH "__freshet_d2" AS (
SELECT u."name", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("name", "__freshet_weight")
),
"__freshet_keys2" AS (
SELECT "dim"."name" AS "k1"
FROM "__freshet_d2" AS "dim"
GROUP BY "dim"."name"
),
"__freshet_keys5" AS (
SELECT "src"."id" AS "k1"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s1"."k1")
GROUP BY "src"."id"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."amount", t."unknown" FROM "__freshet_keys5" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."unknown" AS "unknown", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."amount", (NOT (CASE WHEN (EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("src"."region" = "dim"."name"))) THEN true ELSE false END)) AS "unknown"
FROM "__freshet_keys5" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."id" = "__freshet_s1"."k1")
) AS q
UNION ALL
SELECT "id", "amount", "unknown", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."amount", z."unknown"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."amount", o."unknown"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."unknown"), 0::bigint) AND ROW(o."id", o."amount", o."unknown")::record = ROW(z."id", z."amount", z."unknown")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "unknown")
SELECT z."id", z."amount", z."unknown" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: all
WITH "__freshet_d2" AS (
SELECT u."name", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("name", "__freshet_weight")
),
"__freshet_k1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::bool[]) AS u("id", "region", "amount", "__freshet_present")
),
"__freshet_keys2" AS (
SELECT "dim"."name" AS "k1"
FROM "__freshet_d2" AS "dim"
GROUP BY "dim"."name"
),
"__freshet_keys5" AS (
SELECT "__freshet_s2"."k1"
FROM (SELECT "src"."id" AS "k1"
FROM "__freshet_k1" AS "src"
UNION ALL
SELECT "src"."id" AS "k1"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s1"."k1")) AS "__freshet_s2"
GROUP BY "__freshet_s2"."k1"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."amount", t."unknown" FROM "__freshet_keys5" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."unknown" AS "unknown", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."amount", (NOT (CASE WHEN (EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("src"."region" = "dim"."name"))) THEN true ELSE false END)) AS "unknown"
FROM "__freshet_keys5" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."id" = "__freshet_s1"."k1")
) AS q
UNION ALL
SELECT "id", "amount", "unknown", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."amount", z."unknown"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."amount", o."unknown"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."unknown"), 0::bigint) AND ROW(o."id", o."amount", o."unknown")::record = ROW(z."id", z."amount", z."unknown")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "unknown")
SELECT z."id", z."amount", z."unknown" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
