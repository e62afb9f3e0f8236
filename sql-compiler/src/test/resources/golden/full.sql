SELECT id, ctid::text AS place FROM src

-- explain
-- Query: full, system column ctid

-- row identity: bag: no key, duplicates counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT id,
    (ctid)::text AS place
   FROM public.src
WITH NO DATA;
CREATE INDEX "stream_freshet_bag" ON "public"."stream" ((hash_record_extended(ROW("id", "place"), 0::bigint)));

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."id" AS "id", z."place" AS "place", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "id", "place", 1 AS "__freshet_weight" FROM (
SELECT id,
    (ctid)::text AS place
   FROM public.src
) AS q
UNION ALL
SELECT "id", "place", -1 FROM (
SELECT "id", "place" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."id", z."place"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."id", t."place"), 0::bigint) = hash_record_extended(ROW(z."id", z."place"), 0::bigint) AND ROW(t."id", t."place")::record = ROW(z."id", z."place")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("id", "place")
SELECT z."id", z."place" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
