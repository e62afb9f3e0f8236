SELECT id, region, 100 / amount AS share FROM src WHERE amount > 5000

-- explain
-- Project(src.id, src.region, (100 / src.amount)): algebraic, linear: computed from the changed rows
--   Filter((src.amount > 5000)): algebraic, linear: applied to the changed rows
--     Scan(src): algebraic, rows are found by the primary key (id)

-- row identity: src.id

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."id", "src"."region", (100 / "src"."amount") AS "share"
FROM "public"."src" AS "src"
WHERE ("src"."amount" > 5000)
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_key" ON "public"."stream" ("id");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."id", "src"."region", (100 / "src"."amount") AS "share"
FROM "public"."src" AS "src"
WHERE ("src"."amount" > 5000)
) AS n ON t."id" = n."id"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."region", t."share")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."share")::record THEN UPDATE SET "region" = n."region", "share" = n."share"
WHEN NOT MATCHED THEN INSERT ("id", "region", "share") VALUES (n."id", n."region", n."share");

-- incremental: src as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::bool[]) AS u("id", "region", "amount", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."id", "src"."region", (CASE WHEN ((CASE WHEN "src"."__freshet_present" THEN ("src"."amount" > 5000) END) IS TRUE) THEN (100 / "src"."amount") END) AS "share", ((CASE WHEN "src"."__freshet_present" THEN ("src"."amount" > 5000) END) IS TRUE) AS "__freshet_ok"
FROM "__freshet_k1" AS "src"
) AS n ON t."id" = n."id"
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."region", t."share")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."share")::record THEN UPDATE SET "region" = n."region", "share" = n."share"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "region", "share") VALUES (n."id", n."region", n."share");
