SELECT a.id, b.id AS other FROM src a JOIN src b ON a.region = b.region WHERE a.id < b.id

-- explain
-- Project(a.id, b.id): algebraic, linear: computed from the changed rows
--   Filter((a.id < b.id)): algebraic, linear: applied to the changed rows
--     Join((a.region = b.region)): algebraic, the changed rows joined with the other sources
--       Scan(src as a): algebraic, rows are found by the primary key (id)
--       Scan(src as b): algebraic, rows are found by the primary key (id)

-- row identity: a.id, b.id

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "a"."id", "b"."id" AS "other"
FROM "public"."src" AS "a", "public"."src" AS "b"
WHERE ("a"."region" = "b"."region") AND ("a"."id" < "b"."id")
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_key" ON "public"."stream" ("id", "other");

CREATE INDEX "stream_freshet_source1" ON "public"."stream" ("other");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "a"."id", "b"."id" AS "other"
FROM "public"."src" AS "a", "public"."src" AS "b"
WHERE ("a"."region" = "b"."region") AND ("a"."id" < "b"."id")
) AS n ON t."id" = n."id" AND t."other" = n."other"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN NOT MATCHED THEN INSERT ("id", "other") VALUES (n."id", n."other");

-- incremental: src as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."region", u."__freshet_present" FROM unnest(?::int4[], ?::text[], ?::bool[]) AS u("id", "region", "__freshet_present")
)
MERGE INTO "public"."stream" AS t USING (
SELECT n."id", n."other", n."__freshet_ok", o."__freshet_place" FROM (
SELECT "a"."id", "b"."id" AS "other", TRUE AS "__freshet_ok"
FROM "__freshet_k1" AS "a", "public"."src" AS "b"
WHERE "a"."__freshet_present" AND ("a"."region" = "b"."region") AND ("a"."id" < "b"."id")
UNION ALL
SELECT "a"."id", "b"."id" AS "other", TRUE AS "__freshet_ok"
FROM "public"."src" AS "a", "__freshet_k1" AS "b"
WHERE "b"."__freshet_present" AND ("a"."region" = "b"."region") AND ("a"."id" < "b"."id") AND (NOT EXISTS (SELECT 1 FROM "__freshet_k1" AS "__freshet_x" WHERE "__freshet_x"."id" = "a"."id"))
) AS n FULL JOIN (
SELECT t.ctid AS "__freshet_place", t."id", t."other" FROM "public"."stream" AS t JOIN "__freshet_k1" AS k ON t."id" = k."id"
UNION
SELECT t.ctid AS "__freshet_place", t."id", t."other" FROM "public"."stream" AS t JOIN "__freshet_k1" AS k ON t."other" = k."id"
) AS o ON o."id" = n."id" AND o."other" = n."other"
) AS n ON t.ctid = n."__freshet_place"
WHEN MATCHED AND n."__freshet_ok" IS NULL THEN DELETE
WHEN NOT MATCHED THEN INSERT ("id", "other") VALUES (n."id", n."other");
