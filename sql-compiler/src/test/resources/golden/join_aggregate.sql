SELECT d.name, sum(s.amount) AS total, count(*) AS cnt FROM src s JOIN dim d ON s.region = d.region GROUP BY d.name

-- explain
-- Project(d.name, sum(s.amount), count(*)): algebraic, linear: computed from the changed rows
--   Aggregate(d.name; sum(s.amount), count(*)): algebraic, each group's aggregates follow from their old values and the delta
--     Join((s.region = d.region)): algebraic, one term per changed source: ΔA ⋈ B + (A − ΔA) ⋈ ΔB
--       Scan(src as s): algebraic, old and new rows are counted
--       Scan(dim as d): algebraic, old and new rows are counted

-- row identity: group d.name

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "d"."name", sum("s"."amount") AS "total", count(*) AS "cnt"
FROM "public"."src" AS "s", "public"."dim" AS "d"
WHERE ("s"."region" = "d"."region")
GROUP BY "d"."name"
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_group" ON "public"."stream" ("name");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "d"."name", sum("s"."amount") AS "total", count(*) AS "cnt"
FROM "public"."src" AS "s", "public"."dim" AS "d"
WHERE ("s"."region" = "d"."region")
GROUP BY "d"."name"
) AS n ON t."name" = n."name"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."name", t."total", t."cnt")::record OPERATOR(pg_catalog.*<>) ROW(n."name", n."total", n."cnt")::record THEN UPDATE SET "name" = n."name", "total" = n."total", "cnt" = n."cnt"
WHEN NOT MATCHED THEN INSERT ("name", "total", "cnt") VALUES (n."name", n."total", n."cnt");

-- incremental: src as REDUCED
WITH "__freshet_d1" AS (
SELECT u."region", u."__freshet_weight", u."__freshet_total1", u."__freshet_count1" FROM unnest(?::text[], ?::int8[], ?::int8[], ?::int8[]) AS u("region", "__freshet_weight", "__freshet_total1", "__freshet_count1")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "d"."name", COALESCE(sum("s"."__freshet_weight"), 0)::bigint AS "__freshet_s1", COALESCE(sum("s"."__freshet_total1"), 0)::bigint AS "__freshet_s2"
FROM "__freshet_d1" AS "s", "public"."dim" AS "d"
WHERE ("s"."region" = "d"."region")
GROUP BY "d"."name"
HAVING ((COALESCE(sum("s"."__freshet_weight"), 0)::bigint) <> 0 OR (COALESCE(sum("s"."__freshet_total1"), 0)::bigint) <> 0)
) AS n ON "__freshet_t"."name" = n."name"
WHEN MATCHED AND ("__freshet_t"."cnt" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "total" = (("__freshet_t"."total" + n."__freshet_s2")), "cnt" = (("__freshet_t"."cnt" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("name", "total", "cnt") VALUES (n."name", (n."__freshet_s2"), (n."__freshet_s1"));

-- incremental: dim as WEIGHTED
WITH "__freshet_d2" AS (
SELECT u."region", u."name", u."__freshet_weight" FROM unnest(?::text[], ?::text[], ?::int8[]) AS u("region", "name", "__freshet_weight")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "d"."name", COALESCE(sum("d"."__freshet_weight"), 0)::bigint AS "__freshet_s1", COALESCE(sum((((COALESCE("s"."amount", 0)::int8) * "d"."__freshet_weight"))), 0)::bigint AS "__freshet_s2"
FROM "public"."src" AS "s", "__freshet_d2" AS "d"
WHERE ("s"."region" = "d"."region")
GROUP BY "d"."name"
HAVING ((COALESCE(sum("d"."__freshet_weight"), 0)::bigint) <> 0 OR (COALESCE(sum((((COALESCE("s"."amount", 0)::int8) * "d"."__freshet_weight"))), 0)::bigint) <> 0)
) AS n ON "__freshet_t"."name" = n."name"
WHEN MATCHED AND ("__freshet_t"."cnt" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "total" = (("__freshet_t"."total" + n."__freshet_s2")), "cnt" = (("__freshet_t"."cnt" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("name", "total", "cnt") VALUES (n."name", (n."__freshet_s2"), (n."__freshet_s1"));

-- incremental: all
WITH "__freshet_d1" AS (
SELECT u."region", u."__freshet_weight", u."__freshet_total1", u."__freshet_count1" FROM unnest(?::text[], ?::int8[], ?::int8[], ?::int8[]) AS u("region", "__freshet_weight", "__freshet_total1", "__freshet_count1")
),
"__freshet_d2" AS (
SELECT u."region", u."name", u."__freshet_weight" FROM unnest(?::text[], ?::text[], ?::int8[]) AS u("region", "name", "__freshet_weight")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_s2"."name", COALESCE(sum("__freshet_s2"."__freshet_s1"), 0)::bigint AS "__freshet_s1", COALESCE(sum("__freshet_s2"."__freshet_s2"), 0)::bigint AS "__freshet_s2"
FROM (SELECT "d"."name", "s"."__freshet_weight" AS "__freshet_s1", "s"."__freshet_total1" AS "__freshet_s2"
FROM "__freshet_d1" AS "s", "public"."dim" AS "d"
WHERE ("s"."region" = "d"."region")
UNION ALL
SELECT "d"."name", ("__freshet_s1"."__freshet_weight" * "d"."__freshet_weight") AS "__freshet_s1", ("__freshet_s1"."__freshet_total1" * "d"."__freshet_weight") AS "__freshet_s2"
FROM (SELECT "s"."region", 1 AS "__freshet_weight", COALESCE("s"."amount", 0)::int8 AS "__freshet_total1", CASE WHEN "s"."amount" IS NULL THEN 0 ELSE 1 END AS "__freshet_count1"
FROM "public"."src" AS "s"
UNION ALL
SELECT "s"."region", -"s"."__freshet_weight" AS "__freshet_weight", -"s"."__freshet_total1" AS "__freshet_total1", -"s"."__freshet_count1" AS "__freshet_count1"
FROM "__freshet_d1" AS "s") AS "__freshet_s1", "__freshet_d2" AS "d"
WHERE ("__freshet_s1"."region" = "d"."region")) AS "__freshet_s2"
GROUP BY "__freshet_s2"."name"
HAVING ((COALESCE(sum("__freshet_s2"."__freshet_s1"), 0)::bigint) <> 0 OR (COALESCE(sum("__freshet_s2"."__freshet_s2"), 0)::bigint) <> 0)
) AS n ON "__freshet_t"."name" = n."name"
WHEN MATCHED AND ("__freshet_t"."cnt" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "total" = (("__freshet_t"."total" + n."__freshet_s2")), "cnt" = (("__freshet_t"."cnt" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("name", "total", "cnt") VALUES (n."name", (n."__freshet_s2"), (n."__freshet_s1"));
