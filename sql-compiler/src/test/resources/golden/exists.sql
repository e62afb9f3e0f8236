SELECT region, count(*) AS n FROM src WHERE EXISTS (SELECT FROM dim WHERE dim.region = src.region) GROUP BY region

-- explain
-- Project(src.region, count(*)): algebraic, linear: computed from the changed rows
--   Aggregate(src.region; count(*)): algebraic, each group's aggregates follow from their old values and the delta
--     Project(src.region): algebraic, linear: computed from the changed rows
--       Filter(value.v): algebraic, linear: applied to the changed rows
--         SubQuery(EXISTS (…) → value.v): affected keys, evaluated for changed rows, and for those whose answer may change
--           Project(src.region): algebraic, linear: computed from the changed rows
--             Scan(src): algebraic, old and new rows are counted
--           Project(): algebraic, linear: computed from the changed rows
--             Filter((dim.region = src.region)): algebraic, linear: applied to the changed rows
--               Project(dim.region): algebraic, linear: computed from the changed rows
--                 Scan(dim): algebraic, old and new rows are counted

-- row identity: group src.region

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "__freshet_s1"."region", count(*) AS "n"
FROM (SELECT "src"."region"
FROM "public"."src" AS "src"
WHERE EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))) AS "__freshet_s1"
GROUP BY "__freshet_s1"."region"
WITH NO DATA;
CREATE INDEX "stream_freshet_group" ON "public"."stream" ((hash_record_extended(ROW("region"), 0::bigint)));

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "__freshet_s1"."region", count(*) AS "n"
FROM (SELECT "src"."region"
FROM "public"."src" AS "src"
WHERE EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))) AS "__freshet_s1"
GROUP BY "__freshet_s1"."region"
) AS n ON hash_record_extended(ROW(t."region"), 0::bigint) = hash_record_extended(ROW(n."region"), 0::bigint) AND ROW(t."region")::record = ROW(n."region")::record
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."region", t."n")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."n")::record THEN UPDATE SET "region" = n."region", "n" = n."n"
WHEN NOT MATCHED THEN INSERT ("region", "n") VALUES (n."region", n."n");

-- incremental: src as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."region", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("region", "__freshet_weight")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_s1"."region", COALESCE(sum("__freshet_s1"."__freshet_s1"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "src"."region", "src"."__freshet_weight" AS "__freshet_s1"
FROM "__freshet_d1" AS "src"
WHERE EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region"))) AS "__freshet_s1"
GROUP BY "__freshet_s1"."region"
HAVING ((COALESCE(sum("__freshet_s1"."__freshet_s1"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."region"), 0::bigint) = hash_record_extended(ROW(n."region"), 0::bigint) AND ROW("__freshet_t"."region")::record = ROW(n."region")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("region", "n") VALUES (n."region", (n."__freshet_s1"));

-- incremental: dim as WEIGHTED
WITH "__freshet_d2" AS (
SELECT u."region", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("region", "__freshet_weight")
),
"__freshet_flips2" AS (
SELECT "__freshet_s1"."k1", CASE WHEN "__freshet_s2"."present" > 0 THEN 1::bigint ELSE -1::bigint END AS "sign"
FROM (SELECT "dim"."region" AS "k1", sum("dim"."__freshet_weight")::bigint AS "moved"
FROM "__freshet_d2" AS "dim"
GROUP BY "dim"."region"
HAVING ((sum("dim"."__freshet_weight")::bigint) <> 0)) AS "__freshet_s1", LATERAL (SELECT count(*) AS "present"
FROM (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "__freshet_s1"."k1")
LIMIT (GREATEST("__freshet_s1"."moved", 0) + 1)) AS "__freshet_s3") AS "__freshet_s2"
WHERE (("__freshet_s2"."present" > 0) <> ("__freshet_s2"."present" > "__freshet_s1"."moved"))
),
"__freshet_flipped7" AS (
SELECT "src"."region", ((1::bigint) * "__freshet_s2"."sign") AS "__freshet_weight"
FROM "__freshet_flips2" AS "__freshet_s1", "public"."src" AS "src", "__freshet_flips2" AS "__freshet_s2"
WHERE ("src"."region" = "__freshet_s1"."k1") AND ("src"."region" = "__freshet_s2"."k1")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_s3"."region", COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "__freshet_s1"."region", TRUE AS "v", "__freshet_s1"."__freshet_weight"
FROM "__freshet_flipped7" AS "__freshet_s1"
UNION ALL
SELECT "__freshet_s2"."region", FALSE AS "v", -"__freshet_s2"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_flipped7" AS "__freshet_s2") AS "__freshet_s3"
WHERE "__freshet_s3"."v"
GROUP BY "__freshet_s3"."region"
HAVING ((COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."region"), 0::bigint) = hash_record_extended(ROW(n."region"), 0::bigint) AND ROW("__freshet_t"."region")::record = ROW(n."region")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("region", "n") VALUES (n."region", (n."__freshet_s1"));

-- incremental: all
WITH "__freshet_d2" AS (
SELECT u."region", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("region", "__freshet_weight")
),
"__freshet_d1" AS (
SELECT u."region", u."__freshet_weight" FROM unnest(?::text[], ?::int8[]) AS u("region", "__freshet_weight")
),
"__freshet_flips2" AS (
SELECT "__freshet_s1"."k1", CASE WHEN "__freshet_s2"."present" > 0 THEN 1::bigint ELSE -1::bigint END AS "sign"
FROM (SELECT "dim"."region" AS "k1", sum("dim"."__freshet_weight")::bigint AS "moved"
FROM "__freshet_d2" AS "dim"
GROUP BY "dim"."region"
HAVING ((sum("dim"."__freshet_weight")::bigint) <> 0)) AS "__freshet_s1", LATERAL (SELECT count(*) AS "present"
FROM (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "__freshet_s1"."k1")
LIMIT (GREATEST("__freshet_s1"."moved", 0) + 1)) AS "__freshet_s3") AS "__freshet_s2"
WHERE (("__freshet_s2"."present" > 0) <> ("__freshet_s2"."present" > "__freshet_s1"."moved"))
),
"__freshet_delta5" AS (
SELECT "src"."region", "src"."__freshet_weight"
FROM "__freshet_d1" AS "src"
),
"__freshet_flipped11" AS (
SELECT "__freshet_s4"."region", ("__freshet_s4"."__freshet_weight" * "__freshet_s5"."sign") AS "__freshet_weight"
FROM (SELECT "src"."region", 1::bigint AS "__freshet_weight"
FROM "__freshet_flips2" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s1"."k1")
UNION ALL
SELECT "__freshet_s3"."region", -"__freshet_s3"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_flips2" AS "__freshet_s2", "__freshet_delta5" AS "__freshet_s3"
WHERE ("__freshet_s3"."region" = "__freshet_s2"."k1")) AS "__freshet_s4", "__freshet_flips2" AS "__freshet_s5"
WHERE ("__freshet_s4"."region" = "__freshet_s5"."k1")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_s3"."region", COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "src"."region", EXISTS (SELECT 
FROM "public"."dim" AS "dim"
WHERE ("dim"."region" = "src"."region")) AS "v", "src"."__freshet_weight"
FROM "__freshet_d1" AS "src"
UNION ALL
SELECT "__freshet_s1"."region", TRUE AS "v", "__freshet_s1"."__freshet_weight"
FROM "__freshet_flipped11" AS "__freshet_s1"
UNION ALL
SELECT "__freshet_s2"."region", FALSE AS "v", -"__freshet_s2"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_flipped11" AS "__freshet_s2") AS "__freshet_s3"
WHERE "__freshet_s3"."v"
GROUP BY "__freshet_s3"."region"
HAVING ((COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."region"), 0::bigint) = hash_record_extended(ROW(n."region"), 0::bigint) AND ROW("__freshet_t"."region")::record = ROW(n."region")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("region", "n") VALUES (n."region", (n."__freshet_s1"));
