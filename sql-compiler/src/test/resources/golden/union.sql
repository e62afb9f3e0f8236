SELECT id, region FROM src UNION ALL SELECT id, region FROM dim

-- explain
-- UnionAll: algebraic, each branch is a part of the table, maintained on its own
--   Project(src.id, src.region): algebraic, linear: computed from the changed rows
--     Scan(src): algebraic, rows are found by the primary key (id)
--   Project(dim.id, dim.region): algebraic, linear: computed from the changed rows
--     Scan(dim): algebraic, rows are found by the primary key (id)

-- row identity: src.id; dim.id

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT b."id", b."region", 0 AS "__freshet_branch" FROM (
SELECT "src"."id", "src"."region"
FROM "public"."src" AS "src"
) AS b
UNION ALL
SELECT b."id", b."region", 1 AS "__freshet_branch" FROM (
SELECT "dim"."id", "dim"."region"
FROM "public"."dim" AS "dim"
) AS b
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_b0_key" ON "public"."stream" ("id") WHERE "__freshet_branch" = 0;

CREATE UNIQUE INDEX "stream_freshet_b1_key" ON "public"."stream" ("id") WHERE "__freshet_branch" = 1;

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."id", "src"."region"
FROM "public"."src" AS "src"
) AS n ON t."id" = n."id" AND t."__freshet_branch" = 0
WHEN NOT MATCHED BY SOURCE AND t."__freshet_branch" = 0 THEN DELETE
WHEN MATCHED AND ROW(t."region")::record OPERATOR(pg_catalog.*<>) ROW(n."region")::record THEN UPDATE SET "region" = n."region"
WHEN NOT MATCHED THEN INSERT ("id", "region", "__freshet_branch") VALUES (n."id", n."region", 0);

MERGE INTO "public"."stream" AS t USING (
SELECT "dim"."id", "dim"."region"
FROM "public"."dim" AS "dim"
) AS n ON t."id" = n."id" AND t."__freshet_branch" = 1
WHEN NOT MATCHED BY SOURCE AND t."__freshet_branch" = 1 THEN DELETE
WHEN MATCHED AND ROW(t."region")::record OPERATOR(pg_catalog.*<>) ROW(n."region")::record THEN UPDATE SET "region" = n."region"
WHEN NOT MATCHED THEN INSERT ("id", "region", "__freshet_branch") VALUES (n."id", n."region", 1);

-- incremental: src as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::bool[]) AS u("id", "region", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."id", "src"."region", "src"."__freshet_present" AS "__freshet_ok"
FROM "__freshet_k1" AS "src"
) AS n ON t."id" = n."id" AND t."__freshet_branch" = 0
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."region")::record OPERATOR(pg_catalog.*<>) ROW(n."region")::record THEN UPDATE SET "region" = n."region"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "region", "__freshet_branch") VALUES (n."id", n."region", 0);

-- incremental: dim as KEYED
WITH "__freshet_k2" AS (
SELECT u."id", u."region", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::bool[]) AS u("id", "region", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT "dim"."id", "dim"."region", "dim"."__freshet_present" AS "__freshet_ok"
FROM "__freshet_k2" AS "dim"
) AS n ON t."id" = n."id" AND t."__freshet_branch" = 1
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."region")::record OPERATOR(pg_catalog.*<>) ROW(n."region")::record THEN UPDATE SET "region" = n."region"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "region", "__freshet_branch") VALUES (n."id", n."region", 1);

-- incremental: all
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::bool[]) AS u("id", "region", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."id", "src"."region", "src"."__freshet_present" AS "__freshet_ok"
FROM "__freshet_k1" AS "src"
) AS n ON t."id" = n."id" AND t."__freshet_branch" = 0
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."region")::record OPERATOR(pg_catalog.*<>) ROW(n."region")::record THEN UPDATE SET "region" = n."region"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "region", "__freshet_branch") VALUES (n."id", n."region", 0);

WITH "__freshet_k2" AS (
SELECT u."id", u."region", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::bool[]) AS u("id", "region", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT "dim"."id", "dim"."region", "dim"."__freshet_present" AS "__freshet_ok"
FROM "__freshet_k2" AS "dim"
) AS n ON t."id" = n."id" AND t."__freshet_branch" = 1
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."region")::record OPERATOR(pg_catalog.*<>) ROW(n."region")::record THEN UPDATE SET "region" = n."region"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "region", "__freshet_branch") VALUES (n."id", n."region", 1);
