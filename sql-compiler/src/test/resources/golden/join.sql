SELECT s.id, s.region, s.amount, d.name FROM src s JOIN dim d ON s.region = d.region

-- explain
-- Project(s.id, s.region, s.amount, d.name): algebraic, linear: computed from the changed rows
--   Join((s.region = d.region)): algebraic, the changed rows joined with the other sources
--     Scan(src as s): algebraic, rows are found by the primary key (id)
--     Scan(dim as d): algebraic, rows are found by the primary key (id)

-- row identity: s.id, d.id (hidden)

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "s"."id", "s"."region", "s"."amount", "d"."name", "d"."id" AS "__freshet_k1"
FROM "public"."src" AS "s", "public"."dim" AS "d"
WHERE ("s"."region" = "d"."region")
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_key" ON "public"."stream" ("id", "__freshet_k1");

CREATE INDEX "stream_freshet_source1" ON "public"."stream" ("__freshet_k1");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "s"."id", "s"."region", "s"."amount", "d"."name", "d"."id" AS "__freshet_k1"
FROM "public"."src" AS "s", "public"."dim" AS "d"
WHERE ("s"."region" = "d"."region")
) AS n ON t."id" = n."id" AND t."__freshet_k1" = n."__freshet_k1"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."region", t."amount", t."name")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."amount", n."name")::record THEN UPDATE SET "region" = n."region", "amount" = n."amount", "name" = n."name"
WHEN NOT MATCHED THEN INSERT ("id", "region", "amount", "name", "__freshet_k1") VALUES (n."id", n."region", n."amount", n."name", n."__freshet_k1");

-- incremental: src as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::bool[]) AS u("id", "region", "amount", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT n."id", n."region", n."amount", n."name", n."__freshet_k1", n."__freshet_ok", o."__freshet_place" FROM (
SELECT "s"."id", "s"."region", "s"."amount", "d"."name", "d"."id" AS "__freshet_k1", TRUE AS "__freshet_ok"
FROM "__freshet_k1" AS "s", "public"."dim" AS "d"
WHERE "s"."__freshet_present" AND ("s"."region" = "d"."region")
) AS n FULL JOIN (
SELECT t.ctid AS "__freshet_place", t."id", t."__freshet_k1" FROM "public"."stream" AS t JOIN "__freshet_k1" AS k ON t."id" = k."id"
) AS o ON o."id" = n."id" AND o."__freshet_k1" = n."__freshet_k1"
) AS n ON t.ctid = n."__freshet_place"
WHEN MATCHED AND n."__freshet_ok" IS NULL THEN DELETE
WHEN MATCHED AND ROW(t."region", t."amount", t."name")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."amount", n."name")::record THEN UPDATE SET "region" = n."region", "amount" = n."amount", "name" = n."name"
WHEN NOT MATCHED THEN INSERT ("id", "region", "amount", "name", "__freshet_k1") VALUES (n."id", n."region", n."amount", n."name", n."__freshet_k1");

-- incremental: dim as KEYED
WITH "__freshet_k2" AS (
SELECT u."id", u."region", u."name", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::text[], ?::bool[]) AS u("id", "region", "name", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT n."id", n."region", n."amount", n."name", n."__freshet_k1", n."__freshet_ok", o."__freshet_place" FROM (
SELECT "s"."id", "s"."region", "s"."amount", "d"."name", "d"."id" AS "__freshet_k1", TRUE AS "__freshet_ok"
FROM "public"."src" AS "s", "__freshet_k2" AS "d"
WHERE "d"."__freshet_present" AND ("s"."region" = "d"."region")
) AS n FULL JOIN (
SELECT t.ctid AS "__freshet_place", t."id", t."__freshet_k1" FROM "public"."stream" AS t JOIN "__freshet_k2" AS k ON t."__freshet_k1" = k."id"
) AS o ON o."id" = n."id" AND o."__freshet_k1" = n."__freshet_k1"
) AS n ON t.ctid = n."__freshet_place"
WHEN MATCHED AND n."__freshet_ok" IS NULL THEN DELETE
WHEN MATCHED AND ROW(t."region", t."amount", t."name")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."amount", n."name")::record THEN UPDATE SET "region" = n."region", "amount" = n."amount", "name" = n."name"
WHEN NOT MATCHED THEN INSERT ("id", "region", "amount", "name", "__freshet_k1") VALUES (n."id", n."region", n."amount", n."name", n."__freshet_k1");

-- incremental: all
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::int4[], ?::bool[]) AS u("id", "region", "amount", "__freshet_present")
),
"__freshet_k2" AS (
SELECT u."id", u."region", u."name", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::text[], ?::bool[]) AS u("id", "region", "name", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT n."id", n."region", n."amount", n."name", n."__freshet_k1", n."__freshet_ok", o."__freshet_place" FROM (
SELECT "s"."id", "s"."region", "s"."amount", "d"."name", "d"."id" AS "__freshet_k1", TRUE AS "__freshet_ok"
FROM "__freshet_k1" AS "s", "public"."dim" AS "d"
WHERE "s"."__freshet_present" AND ("s"."region" = "d"."region")
UNION ALL
SELECT "s"."id", "s"."region", "s"."amount", "d"."name", "d"."id" AS "__freshet_k1", TRUE AS "__freshet_ok"
FROM "public"."src" AS "s", "__freshet_k2" AS "d"
WHERE "d"."__freshet_present" AND ("s"."region" = "d"."region") AND (NOT EXISTS (SELECT 1 FROM "__freshet_k1" AS "__freshet_x" WHERE "__freshet_x"."id" = "s"."id"))
) AS n FULL JOIN (
SELECT t.ctid AS "__freshet_place", t."id", t."__freshet_k1" FROM "public"."stream" AS t JOIN "__freshet_k1" AS k ON t."id" = k."id"
UNION
SELECT t.ctid AS "__freshet_place", t."id", t."__freshet_k1" FROM "public"."stream" AS t JOIN "__freshet_k2" AS k ON t."__freshet_k1" = k."id"
) AS o ON o."id" = n."id" AND o."__freshet_k1" = n."__freshet_k1"
) AS n ON t.ctid = n."__freshet_place"
WHEN MATCHED AND n."__freshet_ok" IS NULL THEN DELETE
WHEN MATCHED AND ROW(t."region", t."amount", t."name")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."amount", n."name")::record THEN UPDATE SET "region" = n."region", "amount" = n."amount", "name" = n."name"
WHEN NOT MATCHED THEN INSERT ("id", "region", "amount", "name", "__freshet_k1") VALUES (n."id", n."region", n."amount", n."name", n."__freshet_k1");
