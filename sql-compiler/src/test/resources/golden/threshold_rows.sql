SELECT id, region FROM src WHERE amount = (SELECT max(amount) FROM src AS o) AND EXISTS (SELECT FROM dim WHERE dim.region = src.region)

-- explain
-- WithState: affected keys, aggregates within the query are kept in tables beside the stream table
--   state1 = Aggregate(; max(o.amount)): algebraic, kept as one row in a hidden table: new values follow from the old ones and the delta
--     Project(o.amount): algebraic, linear: computed from the changed rows
--       Scan(src as o): algebraic, old and new rows are counted
--   Project(src.id, src.region): algebraic, linear: computed from the changed rows
--     Filter(value_2.v): algebraic, linear: applied to the changed rows
--       SubQuery(EXISTS (…) → value_2.v): affected keys, evaluated for changed rows, and for those whose answer may change
--         Project(src.id, src.region): algebraic, linear: computed from the changed rows
--           Filter((src.amount = value.v)): algebraic, linear: applied to the changed rows
--             SubQuery((…) → value.v): affected keys, evaluated for changed rows, and for those whose answer may change
--               Project(src.id, src.region, src.amount): algebraic, linear: computed from the changed rows
--                 Scan(src): algebraic, rows are found by the primary key (id)
--               Project(__freshet_g1.v1): algebraic, linear: computed from the changed rows
--                 Scan(state1 as __freshet_g1): algebraic, the groups of an aggregate, which are kept: their old and new rows are at hand
--         Project(): algebraic, linear: computed from the changed rows
--           Filter((dim.region = src.region)): algebraic, linear: applied to the changed rows
--             Project(dim.region): algebraic, linear: computed from the changed rows
--               Scan(dim): algebraic, old and new rows are counted

-- row identity: found by src.id, equal rows counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."id", "src"."region"
FROM "public"."src" AS "src"
WHERE ("src"."amount" = ((SELECT "__freshet_g1"."v1" AS "max"
FROM (SELECT max("o"."amount") AS "v1"
FROM "public"."src" AS "o") AS "__freshet_g1"))) AND EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))
WITH NO DATA;
CREATE INDEX "stream_freshet_key" ON "public"."stream" ("id");

-- hidden tables
CREATE TABLE "public"."stream_freshet_state1" WITH (fillfactor = 90) AS
SELECT g.*, NULL::integer AS "__freshet_before_v1" FROM (
SELECT max("o"."amount") AS "v1", count(*) AS "__freshet_a1"
FROM "public"."src" AS "o"
) AS g
WITH NO DATA;

INSERT INTO "public"."stream_freshet_state1" ("v1", "__freshet_a1", "__freshet_before_v1")
SELECT g.*, NULL::integer AS "__freshet_before_v1" FROM (
SELECT max("o"."amount") AS "v1", count(*) AS "__freshet_a1"
FROM "public"."src" AS "o"
) AS g;

-- full
CREATE TABLE IF NOT EXISTS "public"."stream_freshet_state1" WITH (fillfactor = 90) AS
SELECT g.*, NULL::integer AS "__freshet_before_v1" FROM (
SELECT max("o"."amount") AS "v1", count(*) AS "__freshet_a1"
FROM "public"."src" AS "o"
) AS g
WITH NO DATA;

MERGE INTO "public"."stream_freshet_state1" AS t USING (
SELECT max("o"."amount") AS "v1", count(*) AS "__freshet_a1"
FROM "public"."src" AS "o"
) AS n ON TRUE
WHEN MATCHED AND ROW(t."v1", t."__freshet_a1")::record OPERATOR(pg_catalog.*<>) ROW(n."v1", n."__freshet_a1")::record THEN UPDATE SET "v1" = n."v1", "__freshet_a1" = n."__freshet_a1"
WHEN NOT MATCHED THEN INSERT ("v1", "__freshet_a1") VALUES (n."v1", n."__freshet_a1");

WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "id", "region", 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region"
FROM "public"."src" AS "src"
WHERE ("src"."amount" = ((SELECT "__freshet_g1"."v1" AS "max"
FROM "public"."stream_freshet_state1" AS "__freshet_g1"))) AND EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))
) AS q
UNION ALL
SELECT "id", "region", -1 FROM (
SELECT "id", "region" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."id", z."region"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."id", t."region"), 0::bigint) = hash_record_extended(ROW(z."id", z."region"), 0::bigint) AND ROW(t."id", t."region")::record = ROW(z."id", z."region")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region")
SELECT z."id", z."region" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: src as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::int8[]) AS u("id", "region", "amount", "__freshet_weight")
)
UPDATE "public"."stream_freshet_state1" AS "__freshet_t" SET "__freshet_before_v1" = "__freshet_t"."v1", "v1" = (CASE WHEN n."__freshet_in_s2" >= "__freshet_t"."v1" THEN n."__freshet_in_s2" WHEN n."__freshet_out_s2" >= "__freshet_t"."v1" THEN (SELECT max("o"."amount") AS "value"
FROM "public"."src" AS "o") ELSE GREATEST("__freshet_t"."v1", n."__freshet_in_s2") END), "__freshet_a1" = (("__freshet_t"."__freshet_a1" + n."__freshet_s1")) FROM (
SELECT COALESCE(sum("o"."__freshet_weight"), 0)::bigint AS "__freshet_s1", max("o"."amount") FILTER (WHERE "o"."__freshet_weight" > 0) AS "__freshet_in_s2", max("o"."amount") FILTER (WHERE "o"."__freshet_weight" < 0) AS "__freshet_out_s2"
FROM "__freshet_d1" AS "o"
) AS n;

WITH "__freshet_k1" AS (
SELECT DISTINCT ON (k."id") k.*, k."__freshet_weight" > 0 AS "__freshet_present"
FROM (SELECT u."id", u."region", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::int8[]) AS u("id", "region", "amount", "__freshet_weight")) AS k
ORDER BY k."id", k."__freshet_weight" DESC
),
"__freshet_values3" AS (
SELECT (SELECT "__freshet_g1"."v1" AS "max"
FROM "public"."stream_freshet_state1" AS "__freshet_g1") AS "now", (SELECT "__freshet_s2"."max"
FROM (SELECT "__freshet_s1"."v1" AS "max", sum("__freshet_s1"."__freshet_weight")::bigint AS "__freshet_weight"
FROM (SELECT "__freshet_g1"."v1", 1::bigint AS "__freshet_weight"
FROM "public"."stream_freshet_state1" AS "__freshet_g1"
UNION ALL
SELECT "__freshet_g1"."v1", -"__freshet_g1"."__freshet_weight" AS "__freshet_weight"
FROM (SELECT "v1", 1::int8 AS "__freshet_weight" FROM "public"."stream_freshet_state1" UNION ALL SELECT "__freshet_before_v1" AS "v1", -1 FROM "public"."stream_freshet_state1") AS "__freshet_g1") AS "__freshet_s1"
GROUP BY "__freshet_s1"."v1"
HAVING ((sum("__freshet_s1"."__freshet_weight")::bigint) > 0)) AS "__freshet_s2", generate_series(1, "__freshet_s2"."__freshet_weight") AS "__freshet_s3") AS "before"
),
"__freshet_keys7" AS (
SELECT "__freshet_s2"."k1"
FROM (SELECT "src"."id" AS "k1"
FROM "__freshet_k1" AS "src"
UNION ALL
SELECT "src"."id" AS "k1"
FROM "public"."src" AS "src", "__freshet_values3" AS "__freshet_s1"
WHERE ("src"."amount" = ANY (ARRAY["__freshet_s1"."now", "__freshet_s1"."before"])) AND ((("src"."amount" = "__freshet_s1"."now") IS TRUE) <> (("src"."amount" = "__freshet_s1"."before") IS TRUE))) AS "__freshet_s2"
GROUP BY "__freshet_s2"."k1"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."region" FROM "__freshet_keys7" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region"
FROM "__freshet_keys7" AS "__freshet_s1", "public"."src" AS "src", "__freshet_values3" AS "__freshet_s2"
WHERE ("src"."id" = "__freshet_s1"."k1") AND ("src"."amount" = "__freshet_s2"."now") AND EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))
) AS q
UNION ALL
SELECT "id", "region", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."region"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."region"), 0::bigint) = hash_record_extended(ROW(z."id", z."region"), 0::bigint) AND ROW(o."id", o."region")::record = ROW(z."id", z."region")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region")
SELECT z."id", z."region" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: dim as WEIGHTED
WITH "__freshet_d2" AS (
SELECT u."region", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("region", "__freshet_weight")
),
"__freshet_keys2" AS (
SELECT "dim"."region" AS "k1"
FROM "__freshet_d2" AS "dim"
GROUP BY "dim"."region"
),
"__freshet_keys5" AS (
SELECT "src"."id" AS "k1"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s1"."k1")
GROUP BY "src"."id"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."region" FROM "__freshet_keys5" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region"
FROM "__freshet_keys5" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."id" = "__freshet_s1"."k1") AND ("src"."amount" = ((SELECT "__freshet_g1"."v1" AS "max"
FROM "public"."stream_freshet_state1" AS "__freshet_g1"))) AND EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))
) AS q
UNION ALL
SELECT "id", "region", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."region"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."region"), 0::bigint) = hash_record_extended(ROW(z."id", z."region"), 0::bigint) AND ROW(o."id", o."region")::record = ROW(z."id", z."region")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region")
SELECT z."id", z."region" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: all
WITH "__freshet_d1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::int8[]) AS u("id", "region", "amount", "__freshet_weight")
)
UPDATE "public"."stream_freshet_state1" AS "__freshet_t" SET "__freshet_before_v1" = "__freshet_t"."v1", "v1" = (CASE WHEN n."__freshet_in_s2" >= "__freshet_t"."v1" THEN n."__freshet_in_s2" WHEN n."__freshet_out_s2" >= "__freshet_t"."v1" THEN (SELECT max("o"."amount") AS "value"
FROM "public"."src" AS "o") ELSE GREATEST("__freshet_t"."v1", n."__freshet_in_s2") END), "__freshet_a1" = (("__freshet_t"."__freshet_a1" + n."__freshet_s1")) FROM (
SELECT COALESCE(sum("o"."__freshet_weight"), 0)::bigint AS "__freshet_s1", max("o"."amount") FILTER (WHERE "o"."__freshet_weight" > 0) AS "__freshet_in_s2", max("o"."amount") FILTER (WHERE "o"."__freshet_weight" < 0) AS "__freshet_out_s2"
FROM "__freshet_d1" AS "o"
) AS n;

WITH "__freshet_d2" AS (
SELECT u."region", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("region", "__freshet_weight")
),
"__freshet_k1" AS (
SELECT DISTINCT ON (k."id") k.*, k."__freshet_weight" > 0 AS "__freshet_present"
FROM (SELECT u."id", u."region", u."amount", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::int8[]) AS u("id", "region", "amount", "__freshet_weight")) AS k
ORDER BY k."id", k."__freshet_weight" DESC
),
"__freshet_values3" AS (
SELECT (SELECT "__freshet_g1"."v1" AS "max"
FROM "public"."stream_freshet_state1" AS "__freshet_g1") AS "now", (SELECT "__freshet_s2"."max"
FROM (SELECT "__freshet_s1"."v1" AS "max", sum("__freshet_s1"."__freshet_weight")::bigint AS "__freshet_weight"
FROM (SELECT "__freshet_g1"."v1", 1::bigint AS "__freshet_weight"
FROM "public"."stream_freshet_state1" AS "__freshet_g1"
UNION ALL
SELECT "__freshet_g1"."v1", -"__freshet_g1"."__freshet_weight" AS "__freshet_weight"
FROM (SELECT "v1", 1::int8 AS "__freshet_weight" FROM "public"."stream_freshet_state1" UNION ALL SELECT "__freshet_before_v1" AS "v1", -1 FROM "public"."stream_freshet_state1") AS "__freshet_g1") AS "__freshet_s1"
GROUP BY "__freshet_s1"."v1"
HAVING ((sum("__freshet_s1"."__freshet_weight")::bigint) > 0)) AS "__freshet_s2", generate_series(1, "__freshet_s2"."__freshet_weight") AS "__freshet_s3") AS "before"
),
"__freshet_keys6" AS (
SELECT "dim"."region" AS "k1"
FROM "__freshet_d2" AS "dim"
GROUP BY "dim"."region"
),
"__freshet_keys10" AS (
SELECT "__freshet_s3"."k1"
FROM (SELECT "src"."id" AS "k1"
FROM "__freshet_k1" AS "src"
UNION ALL
SELECT "src"."id" AS "k1"
FROM "public"."src" AS "src", "__freshet_values3" AS "__freshet_s1"
WHERE ("src"."amount" = ANY (ARRAY["__freshet_s1"."now", "__freshet_s1"."before"])) AND ((("src"."amount" = "__freshet_s1"."now") IS TRUE) <> (("src"."amount" = "__freshet_s1"."before") IS TRUE))
UNION ALL
SELECT "src"."id" AS "k1"
FROM "__freshet_keys6" AS "__freshet_s2", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s2"."k1")) AS "__freshet_s3"
GROUP BY "__freshet_s3"."k1"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."region" FROM "__freshet_keys10" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."region" AS "region", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "src"."id", "src"."region"
FROM "__freshet_keys10" AS "__freshet_s1", "public"."src" AS "src", "__freshet_values3" AS "__freshet_s2"
WHERE ("src"."id" = "__freshet_s1"."k1") AND ("src"."amount" = "__freshet_s2"."now") AND EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))
) AS q
UNION ALL
SELECT "id", "region", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."region"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."region"), 0::bigint) = hash_record_extended(ROW(z."id", z."region"), 0::bigint) AND ROW(o."id", o."region")::record = ROW(z."id", z."region")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "region")
SELECT z."id", z."region" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
