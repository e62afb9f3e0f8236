SELECT region, sum(amount) AS total, count(*) AS cnt FROM src GROUP BY region

-- explain
-- Project(src.region, sum(src.amount), count(*)): algebraic, linear: computed from the changed rows
--   Aggregate(src.region; sum(src.amount), count(*)): algebraic, each group's aggregates follow from their old values and the delta
--     Scan(src): algebraic, old and new rows are counted

-- row identity: group src.region

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."region", sum("src"."amount") AS "total", count(*) AS "cnt"
FROM "public"."src" AS "src"
GROUP BY "src"."region"
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_group" ON "public"."stream" ("region");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."region", sum("src"."amount") AS "total", count(*) AS "cnt"
FROM "public"."src" AS "src"
GROUP BY "src"."region"
) AS n ON t."region" = n."region"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."region", t."total", t."cnt")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."total", n."cnt")::record THEN UPDATE SET "region" = n."region", "total" = n."total", "cnt" = n."cnt"
WHEN NOT MATCHED THEN INSERT ("region", "total", "cnt") VALUES (n."region", n."total", n."cnt");

-- incremental: src as REDUCED
WITH "__freshet_d1" AS (
SELECT u."region", u."__freshet_weight", u."__freshet_total1", u."__freshet_count1" FROM unnest(?::text[], ?::int8[], ?::int8[], ?::int8[]) AS u("region", "__freshet_weight", "__freshet_total1", "__freshet_count1")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "src"."region", COALESCE(sum("src"."__freshet_weight"), 0)::bigint AS "__freshet_s1", COALESCE(sum("src"."__freshet_total1"), 0)::bigint AS "__freshet_s2"
FROM "__freshet_d1" AS "src"
GROUP BY "src"."region"
HAVING ((COALESCE(sum("src"."__freshet_weight"), 0)::bigint) <> 0 OR (COALESCE(sum("src"."__freshet_total1"), 0)::bigint) <> 0)
) AS n ON "__freshet_t"."region" = n."region"
WHEN MATCHED AND ("__freshet_t"."cnt" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "total" = (("__freshet_t"."total" + n."__freshet_s2")), "cnt" = (("__freshet_t"."cnt" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("region", "total", "cnt") VALUES (n."region", (n."__freshet_s2"), (n."__freshet_s1"));
