SELECT dim, at FROM reading WHERE at::date = CURRENT_DATE

-- explain
-- Project(reading.dim, reading.at): algebraic, linear: computed from the changed rows
--   ClockFilter(((reading.at)::date = CURRENT_DATE)): algebraic, applied to the changed rows, and to those that time moved in or out
--     Scan(reading): algebraic, no primary key: old and new rows are counted

-- row identity: bag: no key, duplicates counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "reading"."dim", "reading"."at"
FROM "public"."reading" AS "reading"
WHERE (("reading"."at")::date = CURRENT_DATE)
WITH NO DATA;
CREATE INDEX "stream_freshet_bag" ON "public"."stream" ((hash_record_extended(ROW("dim", "at"), 0::bigint)));

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."dim" AS "dim", z."at" AS "at", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "dim", "at", 1 AS "__freshet_weight" FROM (
SELECT "reading"."dim", "reading"."at"
FROM "public"."reading" AS "reading"
WHERE (("reading"."at")::date = CURRENT_DATE)
) AS q
UNION ALL
SELECT "dim", "at", -1 FROM (
SELECT "dim", "at" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."dim", z."at"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."dim", t."at"), 0::bigint) = hash_record_extended(ROW(z."dim", z."at"), 0::bigint) AND ROW(t."dim", t."at")::record = ROW(z."dim", z."at")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("dim", "at")
SELECT z."dim", z."at" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- due
SELECT EXISTS (SELECT 1 AS "one"
FROM "public"."reading" AS "reading"
WHERE (("reading"."at" >= (LEAST(CURRENT_DATE, ((current_setting('freshet.clock')::timestamp with time zone)::date)) - '1 day'::interval) AND "reading"."at" <= (GREATEST(CURRENT_DATE, ((current_setting('freshet.clock')::timestamp with time zone)::date)) + '2 days'::interval) AND (CURRENT_DATE <> (((current_setting('freshet.clock')::timestamp with time zone)::date))))) AND ((((("reading"."at")::date = CURRENT_DATE) IS TRUE) <> (((("reading"."at")::date = ((current_setting('freshet.clock')::timestamp with time zone)::date))) IS TRUE))));

-- incremental: time alone
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."dim" AS "dim", z."at" AS "at", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "reading"."dim", "reading"."at", CASE WHEN (("reading"."at")::date = CURRENT_DATE) THEN 1 ELSE -1 END AS "__freshet_weight"
FROM "public"."reading" AS "reading"
WHERE (("reading"."at" >= (LEAST(CURRENT_DATE, ((current_setting('freshet.clock')::timestamp with time zone)::date)) - '1 day'::interval) AND "reading"."at" <= (GREATEST(CURRENT_DATE, ((current_setting('freshet.clock')::timestamp with time zone)::date)) + '2 days'::interval) AND (CURRENT_DATE <> (((current_setting('freshet.clock')::timestamp with time zone)::date))))) AND ((((("reading"."at")::date = CURRENT_DATE) IS TRUE) <> (((("reading"."at")::date = ((current_setting('freshet.clock')::timestamp with time zone)::date))) IS TRUE)))
) AS z
GROUP BY z."dim", z."at"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."dim", t."at"), 0::bigint) = hash_record_extended(ROW(z."dim", z."at"), 0::bigint) AND ROW(t."dim", t."at")::record = ROW(z."dim", z."at")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("dim", "at")
SELECT z."dim", z."at" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: reading as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."dim", u."at", u."__freshet_weight" FROM unnest(?::int4[], ?::timestamptz[], ?::int8[]) AS u("dim", "at", "__freshet_weight")
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."dim" AS "dim", z."at" AS "at", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "__freshet_s2"."dim", "__freshet_s2"."at", "__freshet_s2"."__freshet_weight"
FROM (SELECT "reading"."dim", "reading"."at", "reading"."__freshet_weight"
FROM "__freshet_d1" AS "reading"
WHERE (("reading"."at")::date = CURRENT_DATE)
UNION ALL
SELECT "__freshet_s1"."dim", "__freshet_s1"."at", ((CASE WHEN (("__freshet_s1"."at")::date = CURRENT_DATE) THEN 1 ELSE -1 END) * "__freshet_s1"."__freshet_weight") AS "__freshet_weight"
FROM (SELECT "reading"."dim", "reading"."at", 1::bigint AS "__freshet_weight"
FROM "public"."reading" AS "reading"
UNION ALL
SELECT "reading"."dim", "reading"."at", -"reading"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_d1" AS "reading") AS "__freshet_s1"
WHERE (("__freshet_s1"."at" >= (LEAST(CURRENT_DATE, ((current_setting('freshet.clock')::timestamp with time zone)::date)) - '1 day'::interval) AND "__freshet_s1"."at" <= (GREATEST(CURRENT_DATE, ((current_setting('freshet.clock')::timestamp with time zone)::date)) + '2 days'::interval) AND (CURRENT_DATE <> (((current_setting('freshet.clock')::timestamp with time zone)::date))))) AND ((((("__freshet_s1"."at")::date = CURRENT_DATE) IS TRUE) <> (((("__freshet_s1"."at")::date = ((current_setting('freshet.clock')::timestamp with time zone)::date))) IS TRUE)))) AS "__freshet_s2"
) AS z
GROUP BY z."dim", z."at"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."dim", t."at"), 0::bigint) = hash_record_extended(ROW(z."dim", z."at"), 0::bigint) AND ROW(t."dim", t."at")::record = ROW(z."dim", z."at")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("dim", "at")
SELECT z."dim", z."at" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
