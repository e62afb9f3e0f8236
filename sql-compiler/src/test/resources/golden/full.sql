SELECT DISTINCT region FROM src

-- explain
-- Query: full, DISTINCT is not maintained incrementally yet

-- row identity: bag: no key, duplicates counted

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT DISTINCT region
   FROM public.src
WITH NO DATA;
CREATE INDEX "stream_freshet_bag" ON "public"."stream" ((hash_record_extended(ROW("region"), 0::bigint)));

-- full
WITH "__freshet_z" AS (
SELECT *, row_number() OVER () AS "__freshet_row" FROM (
SELECT z."region" AS "region", sum(z."__freshet_weight")::bigint AS "__freshet_weight"
FROM (
SELECT "region", 1 AS "__freshet_weight" FROM (
SELECT DISTINCT region
   FROM public.src
) AS q
UNION ALL
SELECT "region", -1 FROM (
SELECT "region" FROM "public"."stream" AS t WHERE TRUE
) AS t
) AS z
GROUP BY z."region"
HAVING sum(z."__freshet_weight") <> 0
) AS z
),
"__freshet_gone" AS (
DELETE FROM "public"."stream" AS t USING (
  SELECT t.ctid AS tid, z."__freshet_weight" AS weight,
    row_number() OVER (PARTITION BY z."__freshet_row") AS copy
  FROM "__freshet_z" AS z JOIN "public"."stream" AS t ON hash_record_extended(ROW(t."region"), 0::bigint) = hash_record_extended(ROW(z."region"), 0::bigint) AND ROW(t."region")::record = ROW(z."region")::record
  WHERE z."__freshet_weight" < 0
) AS o
WHERE t.ctid = o.tid AND o.copy <= -o.weight
)
INSERT INTO "public"."stream" ("region")
SELECT z."region" FROM "__freshet_z" AS z, generate_series(1, z."__freshet_weight")
WHERE z."__freshet_weight" > 0;
