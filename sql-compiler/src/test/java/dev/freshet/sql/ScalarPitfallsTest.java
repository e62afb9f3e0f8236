package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Scalar expressions that parsers stumble over: all of them are carried as PostgreSQL printed them.
 */
class ScalarPitfallsTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
        "CREATE TYPE address AS (street text, \"Zip?\" int)",
        "CREATE FUNCTION twice(i int) RETURNS int IMMUTABLE LANGUAGE sql RETURN i * 2",
        "CREATE OPERATOR <@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4lt)",
        """
        CREATE TABLE odd (id int PRIMARY KEY, statement text, "Größe "" x" int, "select" int, tags text[],
          j jsonb, raw json, at timestamptz, p point, m mood, pos positive, home address, x xml, r int4range, year int,
          c char(5), v varchar(7), bits bit(3), key text, name name, v2 numeric(6,2), iv interval)\
        """,
        """
        INSERT INTO odd SELECT i, 'it''s \\ ' || i, i, i % 3, ARRAY['a', NULL, 'c{"}' || i], jsonb_build_object('a', i, 'tags', ARRAY['x']),
          '{"b": 1 }', '2024-03-10 12:00+00'::timestamptz + i * interval '7 hours', point(i, 1.5), 'sad', i, ROW('s' || i, i)::address,
          '<a/>', int4range(i, i + 3), 2000 + i, 'ab', 'v' || i, B'101', 'k', 'n', i * 1.25, i * interval '1 day'
        FROM generate_series(1, 6) i\
        """);
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "statement LIKE 'it%'",
        "statement NOT LIKE 'it%' OR id > 2",
        "statement ILIKE 'IT%' AND statement NOT ILIKE 'x'",
        "statement ~ '^it' AND statement !~* 'ZZ'",
        "statement SIMILAR TO 'it%'",
        "statement LIKE E'it\\'s %' ESCAPE '!'",
        "statement = E'it\\'s \\\\ 1' OR statement = $q$a ' b$q$",
        "\"Größe \"\" x\" > 2 AND \"select\" < 3",
        "j ? 'a' AND j ?| ARRAY['a', 'z'] AND j ?& ARRAY['a']",
        "j @> '{\"a\": 1}' OR (j #>> '{a}')::int > 3 OR j @? '$.a ? (@ > 4)' OR j @@ '$.a == 2'",
        "(j - 'a') = '{\"tags\": [\"x\"]}' AND (j #- '{a}') IS NOT NULL AND j -> 'a' IS NOT NULL",
        "raw ->> 'b' = '1'",
        "(at AT TIME ZONE 'Asia/Tokyo')::date > date '2024-03-10'",
        "extract(year FROM at) = year + 23 OR date_part('hour', at AT TIME ZONE 'UTC') > 5",
        "statement COLLATE \"C\" < 'it''s z' COLLATE \"C\"",
        "tags[1] = 'a' AND tags[2:3] IS NOT NULL AND tags[1 + 0] = 'a'",
        "'a' = ANY (tags) AND id = ANY (ARRAY[1, 2, 3]) AND id <> ALL (ARRAY[9, 10])",
        "id BETWEEN 2 AND 5 AND id NOT BETWEEN SYMMETRIC 9 AND 8",
        "id IN (1, 2, 3) AND v IN ('v1', 'v2') AND c IN ('ab', 'cd')",
        "(id, year) < (4, 2004) AND ROW(id, 1) IS DISTINCT FROM ROW(2, 1)",
        "|/ id::float8 > 1 AND @ (id - 4) < 3 AND id # 3 > 0 AND ~id < 0 AND -id < 0",
        "id OPERATOR(pg_catalog.+) 1 > 2",
        "r @> 3 AND r && int4range(1, 9) AND NOT r << int4range(0, 1) AND r -|- int4range(100, 101)"
            + " IS FALSE",
        "p <-> point(0, 0) < 5 AND p ~= point(1, 1.5) IS NOT NULL AND p <@ box '((0,0),(9,9))'",
        "m = 'sad' AND m < 'ok'::mood",
        "pos + 1 > 2",
        "(home).street = 's1' OR (home).\"Zip?\" > 3",
        "twice(id) <@@ 7",
        "CASE id WHEN 1 THEN true WHEN 2 THEN NULL ELSE statement IS NOT NULL AND id > 3 END",
        "substring(statement FROM 2 FOR 3) = 't''s' AND position('s' IN statement) > 0 AND"
            + " overlay(v PLACING 'q' FROM 1) <> v",
        "trim(BOTH 'k' FROM key) = '' AND key = 'k' AND name = 'n'",
        "bits = B'101' AND c = 'ab' AND length(v) = 2",
        "v2::int + id::smallint::numeric(10,3) > 3 AND iv > '1 day 02:00:00'::interval day to"
            + " second(0)",
        "nullif(id, 3) IS NULL OR coalesce(\"select\", 0) = 1 OR greatest(id, 2) = 2",
        "id > 1 IS TRUE AND (id > 100) IS NOT UNKNOWN AND NOT id = 4",
        "xmlserialize(CONTENT x AS text) = '<a/>' AND x IS DOCUMENT",
        "json_value(j, '$.a' RETURNING int) > 2",
        "normalize(statement, NFC) IS NFC NORMALIZED",
        "'?' || statement LIKE '%?%' AND statement <> '??'"
      })
  void survives(String condition) throws Exception {
    String query =
        "SELECT id, statement, \"Größe \"\" x\" AS \"in \"\" quotes?\", tags, j, raw, at, p, m,"
            + " pos, home, x, r, ("
            + condition
            + ") AS holds FROM odd WHERE "
            + condition;
    try (var rig = new Rig(connection, query)) {
      assertThat(rig.compiled.refreshClass())
          .as("%s", rig.compiled.explain())
          .isEqualTo(RefreshClass.ALGEBRAIC);
      rig.after(
          Transport.ARRAYS,
          "UPDATE odd SET statement = statement || '?', year = year + 1 WHERE id < 4");
      rig.after(
          Transport.LOOKUP,
          "UPDATE odd SET id = id + 2, j = j || '{\"a\": 4}', raw = '{}', x = '<b/>' WHERE id > 4");
      rig.after(Transport.TABLE, "DELETE FROM odd WHERE id IN (1, 3)");
      rig.fullAfter("UPDATE odd SET p = point(7, 7), home = NULL, m = 'ok' WHERE id = 2");
    }
  }
}
