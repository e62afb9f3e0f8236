SELECT d.name, count(*) AS n FROM reading r JOIN dim d ON d.id = r.dim WHERE r.at > now() - interval '1 hour' AND r.at <= now() GROUP BY d.name

-- explain
-- Project(d.name, count(*)): algebraic, linear: computed from the changed rows
--   Aggregate(d.name; count(*)): algebraic, each group's aggregates follow from their old values and the delta
--     Project(d.name): algebraic, linear: computed from the changed rows
--       Join((d.id = r.dim)): algebraic, one term per changed source: ΔA ⋈ B + (A − ΔA) ⋈ ΔB
--         Project(r.dim): algebraic, linear: computed from the changed rows
--           ClockFilter((r.at > (now() - '01:00:00'::interval))): algebraic, applied to the changed rows, and to those that time moved in or out
--             ClockFilter((r.at <= now())): algebraic, applied to the changed rows, and to those that time moved in or out
--               Scan(reading as r): algebraic, no primary key: old and new rows are counted
--         Project(d.id, d.name): algebraic, linear: computed from the changed rows
--           Scan(dim as d): algebraic, old and new rows are counted

-- row identity: group d.name

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "d"."name", count(*) AS "n"
FROM "public"."reading" AS "r", "public"."dim" AS "d"
WHERE ("r"."at" <= now()) AND (("r"."at" > (now() - '01:00:00'::interval))) AND ("d"."id" = "r"."dim")
GROUP BY "d"."name"
WITH NO DATA;
CREATE INDEX "stream_freshet_group" ON "public"."stream" ((hash_record_extended(ROW("name"), 0::bigint)));

-- full
MERGE INTO "public"."stream" AS t USING (
SELECT "d"."name", count(*) AS "n"
FROM "public"."reading" AS "r", "public"."dim" AS "d"
WHERE ("r"."at" <= now()) AND (("r"."at" > (now() - '01:00:00'::interval))) AND ("d"."id" = "r"."dim")
GROUP BY "d"."name"
) AS n ON hash_record_extended(ROW(t."name"), 0::bigint) = hash_record_extended(ROW(n."name"), 0::bigint) AND ROW(t."name")::record = ROW(n."name")::record
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."name", t."n")::record OPERATOR(pg_catalog.*<>) ROW(n."name", n."n")::record THEN UPDATE SET "name" = n."name", "n" = n."n"
WHEN NOT MATCHED THEN INSERT ("name", "n") VALUES (n."name", n."n");

-- due
SELECT EXISTS (SELECT 1 AS "one"
FROM "public"."reading" AS "r"
WHERE (("r"."at" >= (LEAST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND "r"."at" <= (GREATEST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND (((now() - '01:00:00'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))))) AND ((((("r"."at" > (now() - '01:00:00'::interval))) IS TRUE) <> ((("r"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) IS TRUE))))
 OR EXISTS (SELECT 1 AS "one"
FROM "public"."reading" AS "r"
WHERE (("r"."at" >= (LEAST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND "r"."at" <= (GREATEST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND ((now()) <> ((current_setting('freshet.clock')::timestamp with time zone))))) AND (((("r"."at" <= now()) IS TRUE) <> ((("r"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) IS TRUE))));

-- incremental: time alone
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "d"."name", COALESCE(sum("__freshet_s1"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "r"."dim", "r"."at", CASE WHEN ("r"."at" <= now()) THEN 1 ELSE -1 END AS "__freshet_weight"
FROM "public"."reading" AS "r"
WHERE (("r"."at" >= (LEAST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND "r"."at" <= (GREATEST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND ((now()) <> ((current_setting('freshet.clock')::timestamp with time zone))))) AND (((("r"."at" <= now()) IS TRUE) <> ((("r"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) IS TRUE))) AND (("r"."at" > (now() - '01:00:00'::interval)))
UNION ALL
SELECT "r"."dim", "r"."at", CASE WHEN (("r"."at" > (now() - '01:00:00'::interval))) THEN 1 ELSE -1 END AS "__freshet_weight"
FROM "public"."reading" AS "r"
WHERE (("r"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) AND (("r"."at" >= (LEAST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND "r"."at" <= (GREATEST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND (((now() - '01:00:00'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))))) AND ((((("r"."at" > (now() - '01:00:00'::interval))) IS TRUE) <> ((("r"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) IS TRUE)))) AS "__freshet_s1", "public"."dim" AS "d"
WHERE ("d"."id" = "__freshet_s1"."dim")
GROUP BY "d"."name"
HAVING ((COALESCE(sum("__freshet_s1"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."name"), 0::bigint) = hash_record_extended(ROW(n."name"), 0::bigint) AND ROW("__freshet_t"."name")::record = ROW(n."name")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("name", "n") VALUES (n."name", (n."__freshet_s1"));

-- incremental: reading as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."dim", u."at", u."__freshet_weight" FROM unnest(?::int4[], ?::timestamptz[], ?::int8[]) AS u("dim", "at", "__freshet_weight")
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "d"."name", COALESCE(sum("__freshet_s4"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "__freshet_s2"."dim", "__freshet_s2"."at", "__freshet_s2"."__freshet_weight"
FROM (SELECT "r"."dim", "r"."at", "r"."__freshet_weight"
FROM "__freshet_d1" AS "r"
WHERE ("r"."at" <= now())
UNION ALL
SELECT "__freshet_s1"."dim", "__freshet_s1"."at", ((CASE WHEN ("__freshet_s1"."at" <= now()) THEN 1 ELSE -1 END) * "__freshet_s1"."__freshet_weight") AS "__freshet_weight"
FROM (SELECT "r"."dim", "r"."at", 1::bigint AS "__freshet_weight"
FROM "public"."reading" AS "r"
UNION ALL
SELECT "r"."dim", "r"."at", -"r"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_d1" AS "r") AS "__freshet_s1"
WHERE (("__freshet_s1"."at" >= (LEAST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND "__freshet_s1"."at" <= (GREATEST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND ((now()) <> ((current_setting('freshet.clock')::timestamp with time zone))))) AND (((("__freshet_s1"."at" <= now()) IS TRUE) <> ((("__freshet_s1"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) IS TRUE)))) AS "__freshet_s2"
WHERE (("__freshet_s2"."at" > (now() - '01:00:00'::interval)))
UNION ALL
SELECT "__freshet_s3"."dim", "__freshet_s3"."at", ((CASE WHEN (("__freshet_s3"."at" > (now() - '01:00:00'::interval))) THEN 1 ELSE -1 END) * "__freshet_s3"."__freshet_weight") AS "__freshet_weight"
FROM (SELECT "r"."dim", "r"."at", 1::bigint AS "__freshet_weight"
FROM "public"."reading" AS "r"
UNION ALL
SELECT "r"."dim", "r"."at", -"r"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_d1" AS "r") AS "__freshet_s3"
WHERE (("__freshet_s3"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) AND (("__freshet_s3"."at" >= (LEAST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND "__freshet_s3"."at" <= (GREATEST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND (((now() - '01:00:00'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))))) AND ((((("__freshet_s3"."at" > (now() - '01:00:00'::interval))) IS TRUE) <> ((("__freshet_s3"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) IS TRUE)))) AS "__freshet_s4", "public"."dim" AS "d"
WHERE ("d"."id" = "__freshet_s4"."dim")
GROUP BY "d"."name"
HAVING ((COALESCE(sum("__freshet_s4"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."name"), 0::bigint) = hash_record_extended(ROW(n."name"), 0::bigint) AND ROW("__freshet_t"."name")::record = ROW(n."name")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("name", "n") VALUES (n."name", (n."__freshet_s1"));

-- incremental: dim as WEIGHTED
WITH "__freshet_d2" AS (
SELECT u."id", u."name", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "name", "__freshet_weight")
),
"__freshet_delta4" AS (
SELECT "__freshet_s1"."dim", "__freshet_s1"."__freshet_weight"
FROM (SELECT "r"."dim", "r"."at", CASE WHEN ("r"."at" <= now()) THEN 1 ELSE -1 END AS "__freshet_weight"
FROM "public"."reading" AS "r"
WHERE (("r"."at" >= (LEAST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND "r"."at" <= (GREATEST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND ((now()) <> ((current_setting('freshet.clock')::timestamp with time zone))))) AND (((("r"."at" <= now()) IS TRUE) <> ((("r"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) IS TRUE))) AND (("r"."at" > (now() - '01:00:00'::interval)))
UNION ALL
SELECT "r"."dim", "r"."at", CASE WHEN (("r"."at" > (now() - '01:00:00'::interval))) THEN 1 ELSE -1 END AS "__freshet_weight"
FROM "public"."reading" AS "r"
WHERE (("r"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) AND (("r"."at" >= (LEAST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND "r"."at" <= (GREATEST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND (((now() - '01:00:00'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))))) AND ((((("r"."at" > (now() - '01:00:00'::interval))) IS TRUE) <> ((("r"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) IS TRUE)))) AS "__freshet_s1"
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_s3"."name", COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "__freshet_s1"."dim", "d"."id", "d"."name", "__freshet_s1"."__freshet_weight"
FROM "__freshet_delta4" AS "__freshet_s1", "public"."dim" AS "d"
WHERE ("d"."id" = "__freshet_s1"."dim")
UNION ALL
SELECT "r"."dim", "d"."id", "d"."name", "d"."__freshet_weight"
FROM "public"."reading" AS "r", "__freshet_d2" AS "d"
WHERE ("r"."at" <= now()) AND (("r"."at" > (now() - '01:00:00'::interval))) AND ("d"."id" = "r"."dim")
UNION ALL
SELECT "__freshet_s2"."dim", "d"."id", "d"."name", -(("__freshet_s2"."__freshet_weight" * "d"."__freshet_weight")) AS "__freshet_weight"
FROM "__freshet_delta4" AS "__freshet_s2", "__freshet_d2" AS "d"
WHERE ("d"."id" = "__freshet_s2"."dim")) AS "__freshet_s3"
GROUP BY "__freshet_s3"."name"
HAVING ((COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."name"), 0::bigint) = hash_record_extended(ROW(n."name"), 0::bigint) AND ROW("__freshet_t"."name")::record = ROW(n."name")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("name", "n") VALUES (n."name", (n."__freshet_s1"));

-- incremental: all
WITH "__freshet_d1" AS (
SELECT u."dim", u."at", u."__freshet_weight" FROM unnest(?::int4[], ?::timestamptz[], ?::int8[]) AS u("dim", "at", "__freshet_weight")
),
"__freshet_d2" AS (
SELECT u."id", u."name", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "name", "__freshet_weight")
),
"__freshet_delta5" AS (
SELECT "__freshet_s4"."dim", "__freshet_s4"."__freshet_weight"
FROM (SELECT "__freshet_s2"."dim", "__freshet_s2"."at", "__freshet_s2"."__freshet_weight"
FROM (SELECT "r"."dim", "r"."at", "r"."__freshet_weight"
FROM "__freshet_d1" AS "r"
WHERE ("r"."at" <= now())
UNION ALL
SELECT "__freshet_s1"."dim", "__freshet_s1"."at", ((CASE WHEN ("__freshet_s1"."at" <= now()) THEN 1 ELSE -1 END) * "__freshet_s1"."__freshet_weight") AS "__freshet_weight"
FROM (SELECT "r"."dim", "r"."at", 1::bigint AS "__freshet_weight"
FROM "public"."reading" AS "r"
UNION ALL
SELECT "r"."dim", "r"."at", -"r"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_d1" AS "r") AS "__freshet_s1"
WHERE (("__freshet_s1"."at" >= (LEAST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND "__freshet_s1"."at" <= (GREATEST(now(), (current_setting('freshet.clock')::timestamp with time zone))) AND ((now()) <> ((current_setting('freshet.clock')::timestamp with time zone))))) AND (((("__freshet_s1"."at" <= now()) IS TRUE) <> ((("__freshet_s1"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) IS TRUE)))) AS "__freshet_s2"
WHERE (("__freshet_s2"."at" > (now() - '01:00:00'::interval)))
UNION ALL
SELECT "__freshet_s3"."dim", "__freshet_s3"."at", ((CASE WHEN (("__freshet_s3"."at" > (now() - '01:00:00'::interval))) THEN 1 ELSE -1 END) * "__freshet_s3"."__freshet_weight") AS "__freshet_weight"
FROM (SELECT "r"."dim", "r"."at", 1::bigint AS "__freshet_weight"
FROM "public"."reading" AS "r"
UNION ALL
SELECT "r"."dim", "r"."at", -"r"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_d1" AS "r") AS "__freshet_s3"
WHERE (("__freshet_s3"."at" <= (current_setting('freshet.clock')::timestamp with time zone))) AND (("__freshet_s3"."at" >= (LEAST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND "__freshet_s3"."at" <= (GREATEST((now() - '01:00:00'::interval), ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) AND (((now() - '01:00:00'::interval)) <> (((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))))) AND ((((("__freshet_s3"."at" > (now() - '01:00:00'::interval))) IS TRUE) <> ((("__freshet_s3"."at" > ((current_setting('freshet.clock')::timestamp with time zone) - '01:00:00'::interval))) IS TRUE)))) AS "__freshet_s4"
)
MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_s3"."name", COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM (SELECT "__freshet_s1"."dim", "d"."id", "d"."name", "__freshet_s1"."__freshet_weight"
FROM "__freshet_delta5" AS "__freshet_s1", "public"."dim" AS "d"
WHERE ("d"."id" = "__freshet_s1"."dim")
UNION ALL
SELECT "r"."dim", "d"."id", "d"."name", "d"."__freshet_weight"
FROM "public"."reading" AS "r", "__freshet_d2" AS "d"
WHERE ("r"."at" <= now()) AND (("r"."at" > (now() - '01:00:00'::interval))) AND ("d"."id" = "r"."dim")
UNION ALL
SELECT "__freshet_s2"."dim", "d"."id", "d"."name", -(("__freshet_s2"."__freshet_weight" * "d"."__freshet_weight")) AS "__freshet_weight"
FROM "__freshet_delta5" AS "__freshet_s2", "__freshet_d2" AS "d"
WHERE ("d"."id" = "__freshet_s2"."dim")) AS "__freshet_s3"
GROUP BY "__freshet_s3"."name"
HAVING ((COALESCE(sum("__freshet_s3"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."name"), 0::bigint) = hash_record_extended(ROW(n."name"), 0::bigint) AND ROW("__freshet_t"."name")::record = ROW(n."name")::record
WHEN MATCHED AND ("__freshet_t"."n" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "n" = (("__freshet_t"."n" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("name", "n") VALUES (n."name", (n."__freshet_s1"));
