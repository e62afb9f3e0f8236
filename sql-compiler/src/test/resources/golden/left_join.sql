SELECT s.id, s.amount, d.name FROM src s LEFT JOIN dim d ON d.id = s.amount

-- explain
-- Project(s.id, s.amount, d.name): algebraic, linear: computed from the changed rows
--   LeftJoin((d.id = s.amount)): affected keys, the changed rows joined with the other side; rows of the left side that gain or lose their last partner
--     Project(s.id, s.amount): algebraic, linear: computed from the changed rows
--       Scan(src as s): algebraic, rows are found by the primary key (id)
--     Project(d.id, d.name): algebraic, linear: computed from the changed rows
--       Scan(dim as d): algebraic, old and new rows are counted

-- row identity: found by s.id, equal rows counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "s"."id", "s"."amount", "d"."name"
FROM ("public"."src" AS "s" LEFT JOIN "public"."dim" AS "d" ON ("d"."id" = "s"."amount"))
WITH NO DATA;
CREATE INDEX "stream_freshet_key" ON "public"."stream" ("id");

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."name" AS "name", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "id", "amount", "name", 1 AS "__freshet_weight" FROM (
SELECT "s"."id", "s"."amount", "d"."name"
FROM ("public"."src" AS "s" LEFT JOIN "public"."dim" AS "d" ON ("d"."id" = "s"."amount"))
) AS q
UNION ALL
SELECT "id", "amount", "name", -1 FROM (
SELECT "id", "amount", "name" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."id", z."amount", z."name"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."id", t."amount", t."name"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."name"), 0::bigint) AND ROW(t."id", t."amount", t."name")::record = ROW(z."id", z."amount", z."name")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "name")
SELECT z."id", z."amount", z."name" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: src as KEYED
WITH "__freshet_k1" AS (
SELECT u."id", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::int4[], ?::bool[]) AS u("id", "amount", "__freshet_present")
),
"__freshet_keys2" AS (
SELECT "s"."id" AS "k1"
FROM "__freshet_k1" AS "s"
GROUP BY "s"."id"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."amount", t."name" FROM "__freshet_keys2" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."name" AS "name", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "s"."id", "s"."amount", "d"."name"
FROM ("__freshet_keys2" AS "__freshet_s1" CROSS JOIN "public"."src" AS "s" LEFT JOIN "public"."dim" AS "d" ON ("d"."id" = "s"."amount"))
WHERE ("s"."id" = "__freshet_s1"."k1")
) AS q
UNION ALL
SELECT "id", "amount", "name", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."amount", z."name"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."amount", o."name"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."name"), 0::bigint) AND ROW(o."id", o."amount", o."name")::record = ROW(z."id", z."amount", z."name")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "name")
SELECT z."id", z."amount", z."name" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: dim as WEIGHTED
WITH "__freshet_d2" AS (
SELECT u."id", u."name", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "name", "__freshet_weight")
),
"__freshet_keys2" AS (
SELECT "d"."id" AS "k1"
FROM "__freshet_d2" AS "d"
GROUP BY "d"."id"
),
"__freshet_keys5" AS (
SELECT "s"."id" AS "k1"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "s"
WHERE ("s"."amount" = "__freshet_s1"."k1")
GROUP BY "s"."id"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."amount", t."name" FROM "__freshet_keys5" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."name" AS "name", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "s"."id", "s"."amount", "d"."name"
FROM ("__freshet_keys5" AS "__freshet_s1" CROSS JOIN "public"."src" AS "s" LEFT JOIN "public"."dim" AS "d" ON ("d"."id" = "s"."amount"))
WHERE ("s"."id" = "__freshet_s1"."k1")
) AS q
UNION ALL
SELECT "id", "amount", "name", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."amount", z."name"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."amount", o."name"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."name"), 0::bigint) AND ROW(o."id", o."amount", o."name")::record = ROW(z."id", z."amount", z."name")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "name")
SELECT z."id", z."amount", z."name" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;

-- incremental: all
WITH "__freshet_d2" AS (
SELECT u."id", u."name", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "name", "__freshet_weight")
),
"__freshet_k1" AS (
SELECT u."id", u."amount", u."__freshet_present" FROM unnest(?::int4[], ?::int4[], ?::bool[]) AS u("id", "amount", "__freshet_present")
),
"__freshet_keys2" AS (
SELECT "d"."id" AS "k1"
FROM "__freshet_d2" AS "d"
GROUP BY "d"."id"
),
"__freshet_keys5" AS (
SELECT "__freshet_s2"."k1"
FROM (SELECT "s"."id" AS "k1"
FROM "__freshet_k1" AS "s"
UNION ALL
SELECT "s"."id" AS "k1"
FROM "__freshet_keys2" AS "__freshet_s1", "public"."src" AS "s"
WHERE ("s"."amount" = "__freshet_s1"."k1")) AS "__freshet_s2"
GROUP BY "__freshet_s2"."k1"
),
"__freshet_old" AS (
SELECT t.ctid AS "__freshet_place", t."id", t."amount", t."name" FROM "__freshet_keys5" AS k, "public"."stream" AS t WHERE t."id" = k."k1"
),
"__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."amount" AS "amount", z."name" AS "name", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT *, 1 AS "__freshet_weight" FROM (
SELECT "s"."id", "s"."amount", "d"."name"
FROM ("__freshet_keys5" AS "__freshet_s1" CROSS JOIN "public"."src" AS "s" LEFT JOIN "public"."dim" AS "d" ON ("d"."id" = "s"."amount"))
WHERE ("s"."id" = "__freshet_s1"."k1")
) AS q
UNION ALL
SELECT "id", "amount", "name", -1 FROM "__freshet_old"
) AS z
GROUP BY z."id", z."amount", z."name"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT o."__freshet_place" AS place, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "__freshet_old" AS o ON hash_record_extended(ROW(o."id", o."amount", o."name"), 0::bigint) = hash_record_extended(ROW(z."id", z."amount", z."name"), 0::bigint) AND ROW(o."id", o."amount", o."name")::record = ROW(z."id", z."amount", z."name")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.place AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "amount", "name")
SELECT z."id", z."amount", z."name" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
