SELECT id, region, category, amount FROM src

-- explain
-- Project(src.id, src.region, src.category, src.amount): algebraic, linear: computed from the changed rows
--   Scan(src): algebraic, rows are found by the primary key (id)

-- row identity: src.id

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."id", "src"."region", "src"."category", "src"."amount"
FROM "public"."src" AS "src"
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_key" ON "public"."stream" ("id");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."id", "src"."region", "src"."category", "src"."amount"
FROM "public"."src" AS "src"
) AS n ON t."id" = n."id"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."region", t."category", t."amount")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."category", n."amount")::record THEN UPDATE SET "region" = n."region", "category" = n."category", "amount" = n."amount"
WHEN NOT MATCHED THEN INSERT ("id", "region", "category", "amount") VALUES (n."id", n."region", n."category", n."amount");

-- incremental: src as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."category", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::text[], ?::int4[], ?::bool[]) AS u("id", "region", "category", "amount", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."id", "src"."region", "src"."category", "src"."amount", "src"."__freshet_present" AS "__freshet_ok"
FROM "__freshet_k1" AS "src"
) AS n ON t."id" = n."id"
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."region", t."category", t."amount")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."category", n."amount")::record THEN UPDATE SET "region" = n."region", "category" = n."category", "amount" = n."amount"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "region", "category", "amount") VALUES (n."id", n."region", n."category", n."amount");
