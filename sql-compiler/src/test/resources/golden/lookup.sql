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

-- incremental: src as KEYED_LOOKUP
WITH "__freshet_k1" AS (
SELECT u."id", u."__freshet_present" FROM unnest(?::int4[], ?::bool[]) AS u("id", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT n."id", n."region", n."category", n."amount", n."__freshet_ok", o."__freshet_place" FROM (
SELECT "src"."id", "src"."region", "src"."category", "src"."amount", TRUE AS "__freshet_ok"
FROM "__freshet_k1" AS "__freshet_keys_src", "public"."src" AS "src"
WHERE ("src"."id" = "__freshet_keys_src"."id")
) AS n FULL JOIN (
SELECT t.ctid AS "__freshet_place", t."id" FROM "public"."stream" AS t JOIN "__freshet_k1" AS k ON t."id" = k."id"
) AS o ON o."id" = n."id"
) AS n ON t.ctid = n."__freshet_place"
WHEN MATCHED AND n."__freshet_ok" IS NULL THEN DELETE
WHEN MATCHED AND ROW(t."region", t."category", t."amount")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."category", n."amount")::record THEN UPDATE SET "region" = n."region", "category" = n."category", "amount" = n."amount"
WHEN NOT MATCHED THEN INSERT ("id", "region", "category", "amount") VALUES (n."id", n."region", n."category", n."amount");
