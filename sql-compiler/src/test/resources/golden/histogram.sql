SELECT n, count(*) AS dims FROM (SELECT d.id, count(s.id) AS n FROM dim d LEFT JOIN src s ON s.region = d.region GROUP BY d.id) AS counted GROUP BY n

-- explain
-- WithState: algebraic, aggregates within the query are kept in tables beside the stream table
--   state1 = Aggregate(d.id; count(s.id)): algebraic, kept as a row for each value of (d.id) in a hidden table: new values follow from the old ones and the delta
--     Project(d.id, s.id): algebraic, linear: computed from the changed rows
--       LeftJoin((s.region = d.region)): affected keys, the changed rows joined with the other side; rows of the left side that gain or lose their last partner
--         Project(d.id, d.region): algebraic, linear: computed from the changed rows
--           Scan(dim as d): algebraic, old and new rows are counted
--         Project(s.id, s.region): algebraic, linear: computed from the changed rows
--           Scan(src as s): algebraic, old and new rows are counted
--   Project(query.n, count(*)): algebraic, linear: computed from the changed rows
--     Aggregate(query.n; count(*)): algebraic, each group's aggregates follow from their old values and the delta
--       Project(__freshet_g1.v1): algebraic, linear: computed from the changed rows
--         Scan(state1 as __freshet_g1): algebraic, the groups of an aggregate, which are kept: their old and new rows are at hand

-- row identity: group query.n

-- create
CREATE TABLE "public"."stream" WITH (fillfactor = 90) AS
SELECT "__freshet_g1"."v1" AS "n", count(*) AS "dims"
FROM (SELECT "d"."id" AS "k1", count("s"."id") AS "v1"
FROM ("public"."dim" AS "d" LEFT JOIN "public"."src" AS "s" ON ("s"."region" = "d"."region"))
GROUP BY "d"."id") AS "__freshet_g1"
GROUP BY "__freshet_g1"."v1"
WITH NO DATA;
CREATE INDEX "stream_freshet_group" ON "public"."stream" ((hash_record_extended(ROW("n"), 0::bigint)));

-- hidden tables
CREATE TABLE "public"."stream_freshet_state1" WITH (fillfactor = 90) AS
SELECT g.* FROM (
SELECT "d"."id" AS "k1", count("s"."id") AS "v1", count(*) AS "__freshet_a1"
FROM ("public"."dim" AS "d" LEFT JOIN "public"."src" AS "s" ON ("s"."region" = "d"."region"))
GROUP BY "d"."id"
) AS g
WITH NO DATA;

INSERT INTO "public"."stream_freshet_state1" ("k1", "v1", "__freshet_a1")
SELECT g.* FROM (
SELECT "d"."id" AS "k1", count("s"."id") AS "v1", count(*) AS "__freshet_a1"
FROM ("public"."dim" AS "d" LEFT JOIN "public"."src" AS "s" ON ("s"."region" = "d"."region"))
GROUP BY "d"."id"
) AS g;

CREATE INDEX "stream_freshet_state1_freshet_group" ON "public"."stream_freshet_state1" ((hash_record_extended(ROW("k1"), 0::bigint)));

-- full
CREATE TABLE IF NOT EXISTS "public"."stream_freshet_state1" WITH (fillfactor = 90) AS
SELECT g.* FROM (
SELECT "d"."id" AS "k1", count("s"."id") AS "v1", count(*) AS "__freshet_a1"
FROM ("public"."dim" AS "d" LEFT JOIN "public"."src" AS "s" ON ("s"."region" = "d"."region"))
GROUP BY "d"."id"
) AS g
WITH NO DATA;

CREATE INDEX IF NOT EXISTS "stream_freshet_state1_freshet_group" ON "public"."stream_freshet_state1" ((hash_record_extended(ROW("k1"), 0::bigint)));

MERGE INTO "public"."stream_freshet_state1" AS t USING (
SELECT "d"."id" AS "k1", count("s"."id") AS "v1", count(*) AS "__freshet_a1"
FROM ("public"."dim" AS "d" LEFT JOIN "public"."src" AS "s" ON ("s"."region" = "d"."region"))
GROUP BY "d"."id"
) AS n ON hash_record_extended(ROW(t."k1"), 0::bigint) = hash_record_extended(ROW(n."k1"), 0::bigint) AND ROW(t."k1")::record = ROW(n."k1")::record
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."k1", t."v1", t."__freshet_a1")::record OPERATOR(pg_catalog.*<>) ROW(n."k1", n."v1", n."__freshet_a1")::record THEN UPDATE SET "k1" = n."k1", "v1" = n."v1", "__freshet_a1" = n."__freshet_a1"
WHEN NOT MATCHED THEN INSERT ("k1", "v1", "__freshet_a1") VALUES (n."k1", n."v1", n."__freshet_a1");

MERGE INTO "public"."stream" AS t USING (
SELECT "__freshet_g1"."v1" AS "n", count(*) AS "dims"
FROM "public"."stream_freshet_state1" AS "__freshet_g1"
GROUP BY "__freshet_g1"."v1"
) AS n ON hash_record_extended(ROW(t."n"), 0::bigint) = hash_record_extended(ROW(n."n"), 0::bigint) AND ROW(t."n")::record = ROW(n."n")::record
WHEN NOT MATCHED BY SOURCE THEN DELETE
WHEN MATCHED AND ROW(t."n", t."dims")::record OPERATOR(pg_catalog.*<>) ROW(n."n", n."dims")::record THEN UPDATE SET "n" = n."n", "dims" = n."dims"
WHEN NOT MATCHED THEN INSERT ("n", "dims") VALUES (n."n", n."dims");

-- incremental: dim as WEIGHTED
CREATE TEMPORARY TABLE "__freshet_delta_bccdea37_1" ON COMMIT DROP AS
WITH "__freshet_d1" AS (
SELECT u."id", u."region", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "region", "__freshet_weight")
)
SELECT x.* FROM (
SELECT "d"."id" AS "k1", COALESCE(sum("d"."__freshet_weight"), 0)::bigint AS "__freshet_s1", COALESCE(sum((CASE WHEN "s"."id" IS NOT NULL THEN "d"."__freshet_weight" ELSE 0 END)), 0)::bigint AS "__freshet_s2"
FROM ("__freshet_d1" AS "d" LEFT JOIN "public"."src" AS "s" ON ("s"."region" = "d"."region"))
GROUP BY "d"."id"
HAVING ((COALESCE(sum("d"."__freshet_weight"), 0)::bigint) <> 0 OR (COALESCE(sum((CASE WHEN "s"."id" IS NOT NULL THEN "d"."__freshet_weight" ELSE 0 END)), 0)::bigint) <> 0)
) AS n LEFT JOIN "public"."stream_freshet_state1" AS "__freshet_t" ON hash_record_extended(ROW("__freshet_t"."k1"), 0::bigint) = hash_record_extended(ROW(n."k1"), 0::bigint) AND ROW("__freshet_t"."k1")::record = ROW(n."k1")::record CROSS JOIN LATERAL (
  SELECT "__freshet_t".ctid AS "__freshet_place", "__freshet_t"."k1", "__freshet_t"."v1", "__freshet_t"."__freshet_a1", -1::int8 AS "__freshet_weight" WHERE "__freshet_t".ctid IS NOT NULL
  UNION ALL
  SELECT "__freshet_t".ctid, ((n."k1"))::integer, ((("__freshet_t"."v1" + n."__freshet_s2")))::bigint, ((("__freshet_t"."__freshet_a1" + n."__freshet_s1")))::bigint, 1 WHERE "__freshet_t".ctid IS NOT NULL AND ("__freshet_t"."__freshet_a1" + n."__freshet_s1") > 0
  UNION ALL
  SELECT NULL, ((n."k1"))::integer, ((n."__freshet_s2"))::bigint, ((n."__freshet_s1"))::bigint, 1 WHERE "__freshet_t".ctid IS NULL AND n."__freshet_s1" > 0
) AS x;

ANALYZE "__freshet_delta_bccdea37_1";

UPDATE "public"."stream_freshet_state1" AS t SET "k1" = d."k1", "v1" = d."v1", "__freshet_a1" = d."__freshet_a1" FROM "__freshet_delta_bccdea37_1" AS d WHERE t.ctid = d."__freshet_place" AND d."__freshet_weight" > 0;

DELETE FROM "public"."stream_freshet_state1" AS t USING "__freshet_delta_bccdea37_1" AS d WHERE t.ctid = d."__freshet_place" AND d."__freshet_weight" < 0;

INSERT INTO "public"."stream_freshet_state1" ("k1", "v1", "__freshet_a1") SELECT "k1", "v1", "__freshet_a1" FROM "__freshet_delta_bccdea37_1" AS d WHERE d."__freshet_place" IS NULL;

MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_g1"."v1" AS "n", COALESCE(sum("__freshet_g1"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM pg_temp."__freshet_delta_bccdea37_1" AS "__freshet_g1"
GROUP BY "__freshet_g1"."v1"
HAVING ((COALESCE(sum("__freshet_g1"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."n"), 0::bigint) = hash_record_extended(ROW(n."n"), 0::bigint) AND ROW("__freshet_t"."n")::record = ROW(n."n")::record
WHEN MATCHED AND ("__freshet_t"."dims" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "dims" = (("__freshet_t"."dims" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("n", "dims") VALUES (n."n", (n."__freshet_s1"));

DROP TABLE pg_temp."__freshet_delta_bccdea37_1";

-- incremental: src as WEIGHTED
CREATE TEMPORARY TABLE "__freshet_delta_bccdea37_1" ON COMMIT DROP AS
WITH "__freshet_d2" AS (
SELECT u."id", u."region", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "region", "__freshet_weight")
),
"__freshet_delta1" AS (
SELECT "s"."id", "s"."region", "s"."__freshet_weight"
FROM "__freshet_d2" AS "s"
),
"__freshet_flips5" AS (
SELECT "__freshet_s1"."k1", CASE WHEN "__freshet_s2"."present" > 0 THEN 1::bigint ELSE -1::bigint END AS "sign"
FROM (SELECT "s"."region" AS "k1", sum("s"."__freshet_weight")::bigint AS "moved"
FROM "__freshet_d2" AS "s"
GROUP BY "s"."region"
HAVING ((sum("s"."__freshet_weight")::bigint) <> 0)) AS "__freshet_s1", LATERAL (SELECT count(*) AS "present"
FROM (SELECT 
FROM "public"."src" AS "s"
WHERE ("s"."region" = "__freshet_s1"."k1")
LIMIT (GREATEST("__freshet_s1"."moved", 0) + 1)) AS "__freshet_s3") AS "__freshet_s2"
WHERE (("__freshet_s2"."present" > 0) <> ("__freshet_s2"."present" > "__freshet_s1"."moved"))
),
"__freshet_flipped10" AS (
SELECT "d"."id", "d"."region", ((1::bigint) * "__freshet_s2"."sign") AS "__freshet_weight"
FROM "__freshet_flips5" AS "__freshet_s1", "public"."dim" AS "d", "__freshet_flips5" AS "__freshet_s2"
WHERE ("d"."region" = "__freshet_s1"."k1") AND ("d"."region" = "__freshet_s2"."k1")
)
SELECT x.* FROM (
SELECT "__freshet_s5"."id" AS "k1", COALESCE(sum("__freshet_s5"."__freshet_weight"), 0)::bigint AS "__freshet_s1", COALESCE(sum((CASE WHEN "__freshet_s5"."id_2" IS NOT NULL THEN "__freshet_s5"."__freshet_weight" ELSE 0 END)), 0)::bigint AS "__freshet_s2"
FROM (SELECT "d"."id", "d"."region", "__freshet_s1"."id" AS "id_2", "__freshet_s1"."region" AS "region_2", "__freshet_s1"."__freshet_weight"
FROM "public"."dim" AS "d", "__freshet_delta1" AS "__freshet_s1"
WHERE ("__freshet_s1"."region" = "d"."region")
UNION ALL
SELECT "__freshet_s4"."id", "__freshet_s4"."region", NULL::integer AS "id_2", NULL::text AS "region_2", "__freshet_s4"."__freshet_weight"
FROM (SELECT "__freshet_s2"."id", "__freshet_s2"."region", TRUE AS "found", "__freshet_s2"."__freshet_weight"
FROM "__freshet_flipped10" AS "__freshet_s2"
UNION ALL
SELECT "__freshet_s3"."id", "__freshet_s3"."region", FALSE AS "found", -"__freshet_s3"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_flipped10" AS "__freshet_s3") AS "__freshet_s4"
WHERE (NOT "__freshet_s4"."found")) AS "__freshet_s5"
GROUP BY "__freshet_s5"."id"
HAVING ((COALESCE(sum("__freshet_s5"."__freshet_weight"), 0)::bigint) <> 0 OR (COALESCE(sum((CASE WHEN "__freshet_s5"."id_2" IS NOT NULL THEN "__freshet_s5"."__freshet_weight" ELSE 0 END)), 0)::bigint) <> 0)
) AS n LEFT JOIN "public"."stream_freshet_state1" AS "__freshet_t" ON hash_record_extended(ROW("__freshet_t"."k1"), 0::bigint) = hash_record_extended(ROW(n."k1"), 0::bigint) AND ROW("__freshet_t"."k1")::record = ROW(n."k1")::record CROSS JOIN LATERAL (
  SELECT "__freshet_t".ctid AS "__freshet_place", "__freshet_t"."k1", "__freshet_t"."v1", "__freshet_t"."__freshet_a1", -1::int8 AS "__freshet_weight" WHERE "__freshet_t".ctid IS NOT NULL
  UNION ALL
  SELECT "__freshet_t".ctid, ((n."k1"))::integer, ((("__freshet_t"."v1" + n."__freshet_s2")))::bigint, ((("__freshet_t"."__freshet_a1" + n."__freshet_s1")))::bigint, 1 WHERE "__freshet_t".ctid IS NOT NULL AND ("__freshet_t"."__freshet_a1" + n."__freshet_s1") > 0
  UNION ALL
  SELECT NULL, ((n."k1"))::integer, ((n."__freshet_s2"))::bigint, ((n."__freshet_s1"))::bigint, 1 WHERE "__freshet_t".ctid IS NULL AND n."__freshet_s1" > 0
) AS x;

ANALYZE "__freshet_delta_bccdea37_1";

UPDATE "public"."stream_freshet_state1" AS t SET "k1" = d."k1", "v1" = d."v1", "__freshet_a1" = d."__freshet_a1" FROM "__freshet_delta_bccdea37_1" AS d WHERE t.ctid = d."__freshet_place" AND d."__freshet_weight" > 0;

DELETE FROM "public"."stream_freshet_state1" AS t USING "__freshet_delta_bccdea37_1" AS d WHERE t.ctid = d."__freshet_place" AND d."__freshet_weight" < 0;

INSERT INTO "public"."stream_freshet_state1" ("k1", "v1", "__freshet_a1") SELECT "k1", "v1", "__freshet_a1" FROM "__freshet_delta_bccdea37_1" AS d WHERE d."__freshet_place" IS NULL;

MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_g1"."v1" AS "n", COALESCE(sum("__freshet_g1"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM pg_temp."__freshet_delta_bccdea37_1" AS "__freshet_g1"
GROUP BY "__freshet_g1"."v1"
HAVING ((COALESCE(sum("__freshet_g1"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."n"), 0::bigint) = hash_record_extended(ROW(n."n"), 0::bigint) AND ROW("__freshet_t"."n")::record = ROW(n."n")::record
WHEN MATCHED AND ("__freshet_t"."dims" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "dims" = (("__freshet_t"."dims" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("n", "dims") VALUES (n."n", (n."__freshet_s1"));

DROP TABLE pg_temp."__freshet_delta_bccdea37_1";

-- incremental: all
CREATE TEMPORARY TABLE "__freshet_delta_bccdea37_1" ON COMMIT DROP AS
WITH "__freshet_d2" AS (
SELECT u."id", u."region", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "region", "__freshet_weight")
),
"__freshet_d1" AS (
SELECT u."id", u."region", u."__freshet_weight" FROM unnest(?::int4[], ?::text[], ?::int8[]) AS u("id", "region", "__freshet_weight")
),
"__freshet_delta1" AS (
SELECT "s"."id", "s"."region", "s"."__freshet_weight"
FROM "__freshet_d2" AS "s"
),
"__freshet_flips7" AS (
SELECT "__freshet_s1"."k1", CASE WHEN "__freshet_s2"."present" > 0 THEN 1::bigint ELSE -1::bigint END AS "sign"
FROM (SELECT "s"."region" AS "k1", sum("s"."__freshet_weight")::bigint AS "moved"
FROM "__freshet_d2" AS "s"
GROUP BY "s"."region"
HAVING ((sum("s"."__freshet_weight")::bigint) <> 0)) AS "__freshet_s1", LATERAL (SELECT count(*) AS "present"
FROM (SELECT 
FROM "public"."src" AS "s"
WHERE ("s"."region" = "__freshet_s1"."k1")
LIMIT (GREATEST("__freshet_s1"."moved", 0) + 1)) AS "__freshet_s3") AS "__freshet_s2"
WHERE (("__freshet_s2"."present" > 0) <> ("__freshet_s2"."present" > "__freshet_s1"."moved"))
),
"__freshet_delta10" AS (
SELECT "d"."id", "d"."region", "d"."__freshet_weight"
FROM "__freshet_d1" AS "d"
),
"__freshet_flipped16" AS (
SELECT "__freshet_s4"."id", "__freshet_s4"."region", ("__freshet_s4"."__freshet_weight" * "__freshet_s5"."sign") AS "__freshet_weight"
FROM (SELECT "d"."id", "d"."region", 1::bigint AS "__freshet_weight"
FROM "__freshet_flips7" AS "__freshet_s1", "public"."dim" AS "d"
WHERE ("d"."region" = "__freshet_s1"."k1")
UNION ALL
SELECT "__freshet_s3"."id", "__freshet_s3"."region", -"__freshet_s3"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_flips7" AS "__freshet_s2", "__freshet_delta10" AS "__freshet_s3"
WHERE ("__freshet_s3"."region" = "__freshet_s2"."k1")) AS "__freshet_s4", "__freshet_flips7" AS "__freshet_s5"
WHERE ("__freshet_s4"."region" = "__freshet_s5"."k1")
)
SELECT x.* FROM (
SELECT "__freshet_s6"."id" AS "k1", COALESCE(sum("__freshet_s6"."__freshet_weight"), 0)::bigint AS "__freshet_s1", COALESCE(sum((CASE WHEN "__freshet_s6"."id_2" IS NOT NULL THEN "__freshet_s6"."__freshet_weight" ELSE 0 END)), 0)::bigint AS "__freshet_s2"
FROM (SELECT "d"."id", "d"."region", "s"."id" AS "id_2", "s"."region" AS "region_2", "d"."__freshet_weight"
FROM ("__freshet_d1" AS "d" LEFT JOIN "public"."src" AS "s" ON ("s"."region" = "d"."region"))
UNION ALL
SELECT "d"."id", "d"."region", "__freshet_s1"."id" AS "id_2", "__freshet_s1"."region" AS "region_2", "__freshet_s1"."__freshet_weight"
FROM "public"."dim" AS "d", "__freshet_delta1" AS "__freshet_s1"
WHERE ("__freshet_s1"."region" = "d"."region")
UNION ALL
SELECT "d"."id", "d"."region", "__freshet_s2"."id" AS "id_2", "__freshet_s2"."region" AS "region_2", -(("d"."__freshet_weight" * "__freshet_s2"."__freshet_weight")) AS "__freshet_weight"
FROM "__freshet_d1" AS "d", "__freshet_delta1" AS "__freshet_s2"
WHERE ("__freshet_s2"."region" = "d"."region")
UNION ALL
SELECT "__freshet_s5"."id", "__freshet_s5"."region", NULL::integer AS "id_2", NULL::text AS "region_2", "__freshet_s5"."__freshet_weight"
FROM (SELECT "__freshet_s3"."id", "__freshet_s3"."region", TRUE AS "found", "__freshet_s3"."__freshet_weight"
FROM "__freshet_flipped16" AS "__freshet_s3"
UNION ALL
SELECT "__freshet_s4"."id", "__freshet_s4"."region", FALSE AS "found", -"__freshet_s4"."__freshet_weight" AS "__freshet_weight"
FROM "__freshet_flipped16" AS "__freshet_s4") AS "__freshet_s5"
WHERE (NOT "__freshet_s5"."found")) AS "__freshet_s6"
GROUP BY "__freshet_s6"."id"
HAVING ((COALESCE(sum("__freshet_s6"."__freshet_weight"), 0)::bigint) <> 0 OR (COALESCE(sum((CASE WHEN "__freshet_s6"."id_2" IS NOT NULL THEN "__freshet_s6"."__freshet_weight" ELSE 0 END)), 0)::bigint) <> 0)
) AS n LEFT JOIN "public"."stream_freshet_state1" AS "__freshet_t" ON hash_record_extended(ROW("__freshet_t"."k1"), 0::bigint) = hash_record_extended(ROW(n."k1"), 0::bigint) AND ROW("__freshet_t"."k1")::record = ROW(n."k1")::record CROSS JOIN LATERAL (
  SELECT "__freshet_t".ctid AS "__freshet_place", "__freshet_t"."k1", "__freshet_t"."v1", "__freshet_t"."__freshet_a1", -1::int8 AS "__freshet_weight" WHERE "__freshet_t".ctid IS NOT NULL
  UNION ALL
  SELECT "__freshet_t".ctid, ((n."k1"))::integer, ((("__freshet_t"."v1" + n."__freshet_s2")))::bigint, ((("__freshet_t"."__freshet_a1" + n."__freshet_s1")))::bigint, 1 WHERE "__freshet_t".ctid IS NOT NULL AND ("__freshet_t"."__freshet_a1" + n."__freshet_s1") > 0
  UNION ALL
  SELECT NULL, ((n."k1"))::integer, ((n."__freshet_s2"))::bigint, ((n."__freshet_s1"))::bigint, 1 WHERE "__freshet_t".ctid IS NULL AND n."__freshet_s1" > 0
) AS x;

ANALYZE "__freshet_delta_bccdea37_1";

UPDATE "public"."stream_freshet_state1" AS t SET "k1" = d."k1", "v1" = d."v1", "__freshet_a1" = d."__freshet_a1" FROM "__freshet_delta_bccdea37_1" AS d WHERE t.ctid = d."__freshet_place" AND d."__freshet_weight" > 0;

DELETE FROM "public"."stream_freshet_state1" AS t USING "__freshet_delta_bccdea37_1" AS d WHERE t.ctid = d."__freshet_place" AND d."__freshet_weight" < 0;

INSERT INTO "public"."stream_freshet_state1" ("k1", "v1", "__freshet_a1") SELECT "k1", "v1", "__freshet_a1" FROM "__freshet_delta_bccdea37_1" AS d WHERE d."__freshet_place" IS NULL;

MERGE INTO "public"."stream" AS "__freshet_t" USING (
SELECT "__freshet_g1"."v1" AS "n", COALESCE(sum("__freshet_g1"."__freshet_weight"), 0)::bigint AS "__freshet_s1"
FROM pg_temp."__freshet_delta_bccdea37_1" AS "__freshet_g1"
GROUP BY "__freshet_g1"."v1"
HAVING ((COALESCE(sum("__freshet_g1"."__freshet_weight"), 0)::bigint) <> 0)
) AS n ON hash_record_extended(ROW("__freshet_t"."n"), 0::bigint) = hash_record_extended(ROW(n."n"), 0::bigint) AND ROW("__freshet_t"."n")::record = ROW(n."n")::record
WHEN MATCHED AND ("__freshet_t"."dims" + n."__freshet_s1") = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET "dims" = (("__freshet_t"."dims" + n."__freshet_s1"))
WHEN NOT MATCHED AND n."__freshet_s1" > 0 THEN INSERT ("n", "dims") VALUES (n."n", (n."__freshet_s1"));

DROP TABLE pg_temp."__freshet_delta_bccdea37_1";
