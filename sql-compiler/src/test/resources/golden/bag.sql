SELECT what, at FROM log WHERE what <> ''

-- explain
-- Project(log.what, log.at): algebraic, linear: computed from the changed rows
--   Filter((log.what <> ''::text)): algebraic, linear: applied to the changed rows
--     Scan(log): algebraic, no primary key: old and new rows are counted

-- row identity: bag: no key, duplicates counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "log"."what", "log"."at"
FROM "public"."log" AS "log"
WHERE (("log"."what" <> ''::text))
WITH NO DATA;
CREATE INDEX "stream_freshet_bag" ON "public"."stream" ((hash_record_extended(ROW("what", "at"), 0::bigint)));

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."what" AS "what", z."at" AS "at", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "what", "at", 1 AS "__freshet_weight" FROM (
SELECT "log"."what", "log"."at"
FROM "public"."log" AS "log"
WHERE (("log"."what" <> ''::text))
) AS q
UNION ALL
SELECT "what", "at", -1 FROM (
SELECT "what", "at" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."what", z."at"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."what", t."at"), 0::bigint) = hash_record_extended(ROW(z."what", z."at"), 0::bigint) AND ROW(t."what", t."at")::record = ROW(z."what", z."at")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("what", "at")
SELECT z."what", z."at" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: log as WEIGHTED
WITH "__freshet_d1" AS (
SELECT u."at", u."what", u."__freshet_weight" FROM unnest(?::date[], ?::text[], ?::int8[]) AS u("at", "what", "__freshet_weight")
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."what" AS "what", z."at" AS "at", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "log"."what", "log"."at", "log"."__freshet_weight"
FROM "__freshet_d1" AS "log"
WHERE (("log"."what" <> ''::text))
) AS z
GROUP BY z."what", z."at"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."what", t."at"), 0::bigint) = hash_record_extended(ROW(z."what", z."at"), 0::bigint) AND ROW(t."what", t."at")::record = ROW(z."what", z."at")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("what", "at")
SELECT z."what", z."at" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
