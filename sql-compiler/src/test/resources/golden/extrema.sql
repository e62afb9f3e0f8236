SELECT category, min(amount) AS least, avg(amount) AS mean FROM src GROUP BY category

-- explain
-- Project(src.category, min(src.amount), avg(src.amount)): algebraic, linear: computed from the changed rows
--   Aggregate(src.category; min(src.amount), avg(src.amount)): algebraic, each group's aggregates follow from their old values and the delta
--     Scan(src): algebraic, old and new rows are counted

-- row identity: group src.category

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."category", min("src"."amount") AS "least", ((sum("src"."amount"))::numeric / NULLIF((count(*)), 0)::numeric) AS "mean", count(*) AS "__freshet_a1", sum("src"."amount") AS "__freshet_a2"
FROM "public"."src" AS "src"
GROUP BY "src"."category"
WITH NO DATA;
CREATE INDEX "stream_freshet_group" ON "public"."stream" ((hash_record_extended(ROW("category"), 0::bigint)));

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."category", min("src"."amount") AS "least", ((sum("src"."amount"))::numeric / NULLIF((count(*)), 0)::numeric) AS "mean", count(*) AS "__freshet_a1", sum("src"."amount") AS "__freshet_a2"
FROM "public"."src" AS "src"
GROUP BY "src"."category"
) AS n ON hash_record_extended(ROW(t."category"), 0::bigint) = hash_record_extended(ROW(n."category"), 0::bigint) AND ROW(t."category")::record = ROW(n."category")::record
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."category", t."least", t."mean", t."__freshet_a1", t."__freshet_a2")::record OPERATOR(pg_catalog.*<>) ROW(n."category", n."least", n."mean", n."__freshet_a1", n."__freshet_a2")::record THEN UPDATE SET "category" = n."category", "least" = n."least", "mean" = n."mean", "__freshet_a1" = n."__freshet_a1", "__freshet_a2" = n."__freshet_a2"
WHEN NOT MATCHED THEN INSERT ("category", "least", "mean", "__freshet_a1", "__freshet_a2") VALUES (n."category", n."least", n."mean", n."__freshet_a1", n."__freshet_a2");

-- incremental: src as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."category", u."amount", u."__freshet_weight" FROM unnest(?::text[], ?::int4[], ?::int8[]) AS u("category", "amount", "__freshet_weight")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "src"."category", COALESCE(sum("src"."__freshet_weight"), 0)::bigint AS "__freshet_s1", min("src"."amount") FILTER (WHERE "src"."__freshet_weight" > 0) AS "__freshet_in_s2", min("src"."amount") FILTER (WHERE "src"."__freshet_weight" < 0) AS "__freshet_out_s2", COALESCE(sum(("src"."amount"::int8 * "src"."__freshet_weight")), 0)::bigint AS "__freshet_s3"
FROM "__freshet_d1" AS "src"
GROUP BY "src"."category"
) AS n ON hash_record_extended(ROW("__freshet_t"."category"), 0::bigint) = hash_record_extended(ROW(n."category"), 0::bigint) AND ROW("__freshet_t"."category")::record = ROW(n."category")::record
WHEN MATCHED AND ("__freshet_t"."__freshet_a1" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "least" = (CASE WHEN n."__freshet_in_s2" <= "__freshet_t"."least" THEN n."__freshet_in_s2" WHEN n."__freshet_out_s2" <= "__freshet_t"."least" THEN (SELECT min("src"."amount") AS "value"
FROM "public"."src" AS "src"
WHERE (("src"."category" = "__freshet_t"."category" OR ("src"."category" IS NULL AND "__freshet_t"."category" IS NULL)))) ELSE LEAST("__freshet_t"."least", n."__freshet_in_s2") END), "mean" = ((("__freshet_t"."__freshet_a2" + n."__freshet_s3"))::numeric / NULLIF((("__freshet_t"."__freshet_a1" + n."__freshet_s1")), 0)::numeric), "__freshet_a1" = (("__freshet_t"."__freshet_a1" + n."__freshet_s1")), "__freshet_a2" = (("__freshet_t"."__freshet_a2" + n."__freshet_s3"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("category", "least", "mean", "__freshet_a1", "__freshet_a2") VALUES (n."category", (n."__freshet_in_s2"), ((n."__freshet_s3")::numeric / NULLIF((n."__freshet_s1"), 0)::numeric), (n."__freshet_s1"), (n."__freshet_s3"));
