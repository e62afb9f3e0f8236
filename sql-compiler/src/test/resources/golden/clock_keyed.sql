SELECT v.id, v.at FROM visit v WHERE v.at > now() - interval '1 day'

-- explain
-- Project(v.id, v.at): algebraic, linear: computed from the changed rows
--   ClockFilter((v.at > (now() - '1 day'::interval))): algebraic, applied to the changed rows, and to those that time moved in or out
--     Scan(visit as v): algebraic, rows are found by the primary key (id)

-- row identity: v.id

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "v"."id", "v"."at"
FROM "public"."visit" AS "v"
WHERE (("v"."at" > (now() - '1 day'::interval)))
WITH NO DATA;
CREATE UNIQUE INDEX "stream_freshet_key" ON "public"."stream" ("id");

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "v"."id", "v"."at"
FROM "public"."visit" AS "v"
WHERE (("v"."at" > (now() - '1 day'::interval)))
) AS n ON t."id" = n."id"
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."at")::record OPERATOR(pg_catalog.*<>) ROW(n."at")::record THEN UPDATE SET "at" = n."at"
WHEN NOT MATCHED THEN INSERT ("id", "at") VALUES (n."id", n."at");

-- due
SELECT EXISTS (SELECT 1 AS "one"
FROM "public"."visit" AS "v"
WHERE (("v"."at" >= (LEAST((now() - '1 day'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) AND "v"."at" <= (GREATEST((now() - '1 day'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) AND (((now() - '1 day'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))))) AND ((((("v"."at" > (now() - '1 day'::interval))) IS TRUE) <> ((("v"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) IS TRUE))));

-- incremental: time alone
WITH "__freshet_c1" AS (
SELECT "v"."id", "v"."at", TRUE AS "__freshet_present"
FROM "public"."visit" AS "v"
WHERE (((("v"."at" >= (LEAST((now() - '1 day'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) AND "v"."at" <= (GREATEST((now() - '1 day'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) AND (((now() - '1 day'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))))) AND ((((("v"."at" > (now() - '1 day'::interval))) IS TRUE) <> ((("v"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) IS TRUE)))))
)
MERGE INTO "public"."stream" AS t USING (
SELECT "v"."id", "v"."at", ((CASE WHEN "v"."__freshet_present" THEN (("v"."at" > (now() - '1 day'::interval))) END) IS TRUE) AS "__freshet_ok"
FROM "__freshet_c1" AS "v"
) AS n ON t."id" = n."id"
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."at")::record OPERATOR(pg_catalog.*<>) ROW(n."at")::record THEN UPDATE SET "at" = n."at"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "at") VALUES (n."id", n."at");

-- incremental: visit as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."at", u."__freshet_present" FROM unnest(?::int4[], ?::timestamptz[], ?::bool[]) AS u("id", "at", "__freshet_present")
),
"__freshet_c1" AS (
SELECT "id", "at", "__freshet_present" FROM "__freshet_k1"
UNION ALL
SELECT "id", "at", "__freshet_present" FROM (
SELECT "v"."id", "v"."at", TRUE AS "__freshet_present"
FROM "public"."visit" AS "v"
WHERE (((("v"."at" >= (LEAST((now() - '1 day'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) AND "v"."at" <= (GREATEST((now() - '1 day'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) AND (((now() - '1 day'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))))) AND ((((("v"."at" > (now() - '1 day'::interval))) IS TRUE) <> ((("v"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '1 day'::interval))) IS TRUE)))))
) AS c WHERE NOT EXISTS (SELECT 1 FROM "__freshet_k1" AS k WHERE c."id" = k."id")
)
MERGE INTO "public"."stream" AS t USING (
SELECT "v"."id", "v"."at", ((CASE WHEN "v"."__freshet_present" THEN (("v"."at" > (now() - '1 day'::interval))) END) IS TRUE) AS "__freshet_ok"
FROM "__freshet_c1" AS "v"
) AS n ON t."id" = n."id"
WHEN MATCHED AND NOT n."__freshet_ok" THEN DELETE
WHEN MATCHED AND ROW(t."at")::record OPERATOR(pg_catalog.*<>) ROW(n."at")::record THEN UPDATE SET "at" = n."at"
WHEN NOT MATCHED AND n."__freshet_ok" THEN INSERT ("id", "at") VALUES (n."id", n."at");
