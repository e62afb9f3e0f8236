SELECT region, count(*) AS n FROM src WHERE amount > (SELECT avg(amount) FROM src AS o WHERE o.category = 'a') GROUP BY region

-- explain
-- WithState: affected keys, aggregates within the query are kept in tables beside the stream table
--   state1 = Aggregate(; avg(o.amount)): algebraic, kept as one row in a hidden table: new values follow from the old ones and the delta
--     Project(o.amount): algebraic, linear: computed from the changed rows
--       Filter((o.category = 'a'::text)): algebraic, linear: applied to the changed rows
--         Project(o.category, o.amount): algebraic, linear: computed from the changed rows
--           Scan(src as o): algebraic, old and new rows are counted
--   Project(src.region, count(*)): algebraic, linear: computed from the changed rows
--     Aggregate(src.region; count(*)): algebraic, each group's aggregates follow from their old values and the delta
--       Project(src.region): algebraic, linear: computed from the changed rows
--         Filter(((src.amount)::numeric > value.v)): algebraic, linear: applied to the changed rows
--           SubQuery((…) → value.v): affected keys, evaluated for changed rows, and for those whose answer may change
--             Project(src.region, src.amount): algebraic, linear: computed from the changed rows
--               Scan(src): algebraic, old and new rows are counted
--             Project(__freshet_g1.v1): algebraic, linear: computed from the changed rows
--               Scan(state1 as __freshet_g1): algebraic, the groups of an aggregate, which are kept: their old and new rows are at hand

-- row identity: group src.region

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "__freshet_s1"."region", count(*) AS "n"
FROM (SELECT "src"."region"
FROM "public"."src" AS "src"
WHERE (("src"."amount")::numeric > ((SELECT "__freshet_g1"."v1" AS "avg"
FROM (SELECT avg("o"."amount") AS "v1"
FROM "public"."src" AS "o"
WHERE (("o"."category" = 'a'::text))) AS "__freshet_g1")))) AS "__freshet_s1"
GROUP BY "__freshet_s1"."region"
WITH NO DATA;
CREATE INDEX "stream_freshet_group" ON "public"."stream" ((hash_record_extended(ROW("region"), 0::bigint)));

-- hidden tables
CREATE TABLE "public"."stream_freshet_state1" WITH (fillfactor = 90) AS
SELECT g.*, NULL::numeric AS "__freshet_before_v1" FROM (
SELECT ((sum("o"."amount"))::numeric / NULLIF((count(*)), 0)::numeric) AS "v1", count(*) AS "__freshet_a1", sum("o"."amount") AS "__freshet_a2"
FROM "public"."src" AS "o"
WHERE (("o"."category" = 'a'::text))
) AS g
WITH NO DATA;

INSERT INTO "public"."stream_freshet_state1" ("v1", "__freshet_a1", "__freshet_a2", "__freshet_before_v1")
SELECT g.*, NULL::numeric AS "__freshet_before_v1" FROM (
SELECT ((sum("o"."amount"))::numeric / NULLIF((count(*)), 0)::numeric) AS "v1", count(*) AS "__freshet_a1", sum("o"."amount") AS "__freshet_a2"
FROM "public"."src" AS "o"
WHERE (("o"."category" = 'a'::text))
) AS g;

-- full
CREATE TABLE IF NOT EXISTS "public"."stream_freshet_state1" WITH (fillfactor = 90) AS
SELECT g.*, NULL::numeric AS "__freshet_before_v1" FROM (
SELECT ((sum("o"."amount"))::numeric / NULLIF((count(*)), 0)::numeric) AS "v1", count(*) AS "__freshet_a1", sum("o"."amount") AS "__freshet_a2"
FROM "public"."src" AS "o"
WHERE (("o"."category" = 'a'::text))
) AS g
WITH NO DATA;

MERGE INTO "public"."stream_freshet_state1" AS t USING (
SELECT ((sum("o"."amount"))::numeric / NULLIF((count(*)), 0)::numeric) AS "v1", count(*) AS "__freshet_a1", sum("o"."amount") AS "__freshet_a2"
FROM "public"."src" AS "o"
WHERE (("o"."category" = 'a'::text))
) AS n ON TRUE
WHEN MATCHED AND ROW(t."v1", t."__freshet_a1", t."__freshet_a2")::record OPERATOR(pg_catalog.*<>) ROW(n."v1", n."__freshet_a1", n."__freshet_a2")::record THEN UPDATE SET "v1" = n."v1", "__freshet_a1" = n."__freshet_a1", "__freshet_a2" = n."__freshet_a2"
WHEN NOT MATCHED THEN INSERT ("v1", "__freshet_a1", "__freshet_a2") VALUES (n."v1", n."__freshet_a1", n."__freshet_a2");

MERGE INTO "public"."stream" AS t USING (
SELECT "__freshet_s1"."region", count(*) AS "n"
FROM (SELECT "src"."region"
FROM "public"."src" AS "src"
WHERE (("src"."amount")::numeric > ((SELECT "__freshet_g1"."v1" AS "avg"
FROM "public"."stream_freshet_state1" AS "__freshet_g1")))) AS "__freshet_s1"
GROUP BY "__freshet_s1"."region"
) AS n ON hash_record_extended(ROW(t."region"), 0::bigint) = hash_record_extended(ROW(n."region"), 0::bigint) AND ROW(t."region")::record = ROW(n."region")::record
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."region", t."n")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."n")::record THEN UPDATE SET "region" = n."region", "n" = n."n"
WHEN NOT MATCHED THEN INSERT ("region", "n") VALUES (n."region", n."n");

-- incremental: src as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."region", u."category", u."amount", u."__freshet_weight" FROM unnest(?::text[], ?::text[], ?::int4[], ?::int8[]) AS u("region", "category", "amount", "__freshet_weight")
)
UPDATE "public"."stream_freshet_state1" AS "__freshet_t" SET "__freshet_before_v1" = "__freshet_t"."v1", "v1" = ((CASE WHEN ("__freshet_t"."__freshet_a1" + n."__freshet_s1") = 0 THEN NULL ELSE COALESCE("__freshet_t"."__freshet_a2", 0) + n."__freshet_s2" END)::numeric / NULLIF((("__freshet_t"."__freshet_a1" + n."__freshet_s1")), 0)::numeric), "__freshet_a1" = (("__freshet_t"."__freshet_a1" + n."__freshet_s1")), "__freshet_a2" = (CASE WHEN ("__freshet_t"."__freshet_a1" + n."__freshet_s1") = 0 THEN NULL ELSE COALESCE("__freshet_t"."__freshet_a2", 0) + n."__freshet_s2" END) FROM (
SELECT COALESCE(sum("o"."__freshet_weight"), 0)::bigint AS "__freshet_s1", COALESCE(sum(("o"."amount"::int8 * "o"."__freshet_weight")), 0)::bigint AS "__freshet_s2"
FROM "__freshet_d1" AS "o"
WHERE (("o"."category" = 'a'::text))
) AS n;

WITH "__freshet_d1" AS (
SELECT u."region", u."category", u."amount", u."__freshet_weight" FROM unnest(?::text[], ?::text[], ?::int4[], ?::int8[]) AS u("region", "category", "amount", "__freshet_weight")
),
"__freshet_values3" AS (
SELECT (SELECT "__freshet_g1"."v1" AS "avg"
FROM "public"."stream_freshet_state1" AS "__freshet_g1") AS "now", (SELECT "__freshet_s2"."avg"
FROM (SELECT (("__freshet_s1"."v1")::text)::numeric AS "avg", sum("__freshet_s1"."__freshet_weight")::bigint AS "__freshet_weight"
FROM (SELECT "__freshet_g1"."v1", 1::bigint AS "__freshet_weight"
FROM "public"."stream_freshet_state1" AS "__freshet_g1"
UNION ALL
SELECT "__freshet_g1"."v1", -"__freshet_g1"."__freshet_weight" AS "__freshet_weight"
FROM (SELECT "v1", 1::int8 AS "__freshet_weight" FROM "public"."stream_freshet_state1" UNION ALL SELECT "__freshet_before_v1" AS "v1", -1 FROM "public"."stream_freshet_state1") AS "__freshet_g1") AS "__freshet_s1"
GROUP BY ("__freshet_s1"."v1")::text
HAVING ((sum("__freshet_s1"."__freshet_weight")::bigint) > 0)) AS "__freshet_s2", generate_series(1, "__freshet_s2"."__freshet_weight") AS "__freshet_s3") AS "before"
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_s5"."region", COALESCE(sum("__freshet_s5"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "src"."region", "src"."amount", "__freshet_s1"."now", "__freshet_s1"."before", "src"."__freshet_weight"
FROM "__freshet_d1" AS "src", "__freshet_values3" AS "__freshet_s1"
WHERE (("src"."amount")::numeric > "__freshet_s1"."now")
UNION ALL
SELECT "__freshet_s4"."region", "__freshet_s4"."amount", "__freshet_s4"."now", "__freshet_s4"."before", ((CASE WHEN (("__freshet_s4"."amount")::numeric > "__freshet_s4"."now") THEN 1 ELSE -1 END) * "__freshet_s4"."__freshet_weight") AS "__freshet_weight"
FROM (SELECT "src"."region", "src"."amount", "__freshet_s2"."now", "__freshet_s2"."before", 1 AS "__freshet_weight"
FROM "public"."src" AS "src", "__freshet_values3" AS "__freshet_s2"
UNION ALL
SELECT "src"."region", "src"."amount", "__freshet_s3"."now", "__freshet_s3"."before", -"src"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_d1" AS "src", "__freshet_values3" AS "__freshet_s3") AS "__freshet_s4"
WHERE ((("__freshet_s4"."amount" >= LEAST(GREATEST(floor(CASE WHEN ("__freshet_s4"."now" IS NULL) OR ("__freshet_s4"."before" IS NULL) THEN '-Infinity'::numeric ELSE LEAST("__freshet_s4"."now", "__freshet_s4"."before") END), '-9223372036854775808'), '9223372036854775807')::bigint) AND ("__freshet_s4"."amount" <= LEAST(GREATEST(ceil(CASE WHEN ("__freshet_s4"."now" IS NULL) OR ("__freshet_s4"."before" IS NULL) THEN 'NaN'::numeric ELSE GREATEST("__freshet_s4"."now", "__freshet_s4"."before") END), '-9223372036854775808'), '9223372036854775807')::bigint))) AND (((("__freshet_s4"."amount")::numeric > "__freshet_s4"."now") IS TRUE) <> ((("__freshet_s4"."amount")::numeric > "__freshet_s4"."before") IS TRUE))) AS "__freshet_s5"
GROUP BY "__freshet_s5"."region"
HAVING ((COALESCE(sum("__freshet_s5"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."region"), 0::bigint) = hash_record_extended(ROW(n."region"), 0::bigint) AND ROW("__freshet_t"."region")::record = ROW(n."region")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("region", "n") VALUES (n."region", (n."__freshet_s1"));
