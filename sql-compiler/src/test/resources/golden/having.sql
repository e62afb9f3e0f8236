SELECT region, string_agg(category, ',' ORDER BY id) AS list FROM src GROUP BY region HAVING count(*) > 2

-- explain
-- Project(src.region, string_agg(src.category, ','::text ORDER BY src.id)): algebraic, linear: computed from the changed rows
--   Filter((count(*) > 2)): algebraic, linear: applied to the changed rows
--     Aggregate(src.region; string_agg(src.category, ','::text ORDER BY src.id), count(*)): affected keys, HAVING: groups appear and disappear as they cross it
--       Scan(src): algebraic, old and new rows are counted

-- row identity: group src.region

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "src"."region", string_agg("src"."category", ','::text ORDER BY "src"."id") AS "list"
FROM "public"."src" AS "src"
GROUP BY "src"."region"
HAVING ((count(*)) > 2)
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_group" ON "public"."stream" ("region");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "src"."region", string_agg("src"."category", ','::text ORDER BY "src"."id") AS "list"
FROM "public"."src" AS "src"
GROUP BY "src"."region"
HAVING ((count(*)) > 2)
) AS n ON t."region" = n."region"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."region", t."list")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."list")::record THEN UPDATE SET "region" = n."region", "list" = n."list"
WHEN NOT MATCHED THEN INSERT ("region", "list") VALUES (n."region", n."list");

-- incremental: src as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."id", u."region", u."category", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::text[], ?::int8[]) AS u("id", "region", "category", "__freshet_weight")
),
"__freshet_keys2" AS (
SELECT "src"."region" AS "k1"
FROM "__freshet_d1" AS "src"
GROUP BY "src"."region"
),
"__freshet_new" AS (
SELECT "src"."region", string_agg("src"."category", ','::text ORDER BY "src"."id") AS "list"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "src"
WHERE ("src"."region" = "__freshet_s1"."k1")
GROUP BY "src"."region"
HAVING ((count(*)) > 2)
)
MERGE INTO "public"."stream" AS t USING (
SELECT g."k1" AS "region", q."list", q."__freshet_ok" IS TRUE AS "__freshet_ok"
FROM "__freshet_keys2" AS g LEFT JOIN (SELECT *, TRUE AS "__freshet_ok" FROM "__freshet_new") AS q ON q."region" = g."k1"
) AS n ON t."region" = n."region"
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."region", t."list")::record OPERATOR(pg_catalog.*<>) ROW(n."region", n."list")::record THEN UPDATE SET "region" = n."region", "list" = n."list"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("region", "list") VALUES (n."region", n."list");
