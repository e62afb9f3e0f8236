package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Values of every type family pass through as bytes: what comes back is what the table holds. */
class TypeRoundTripTest {
  private record Typed(String type, String... literals) {}

  private static final String[] SETUP = {
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE TYPE pair AS (a int, b text)",
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
    "CREATE EXTENSION citext",
    "CREATE EXTENSION hstore",
    "CREATE EXTENSION ltree",
  };

  private static final List<Typed> SCALARS =
      List.of(
          new Typed("boolean", "true", "false"),
          new Typed("\"char\"", "'x'", "''"),
          new Typed("smallint", "-32768", "32767"),
          new Typed("int", "-2147483648", "0"),
          new Typed("bigint", "-9223372036854775808", "9223372036854775807"),
          new Typed("real", "1.5", "'NaN'"),
          new Typed("double precision", "'-0.0'", "'Infinity'"),
          new Typed("numeric", "'NaN'", "1.00", "-123456789012345678901234567890.123456789"),
          new Typed("numeric(10,2)", "0.10"),
          new Typed("money", "'12.34'"),
          new Typed("text", "''", "'null'", "'NULL'", "'a b\"c\\d,{}'", "repeat('ß', 5000)"),
          new Typed("varchar(5)", "'ab '"),
          new Typed("char(5)", "'ab'"),
          new Typed("name", "'n'"),
          new Typed("bytea", "'\\x00ff'", "''"),
          new Typed("date", "'2026-02-28'", "'infinity'", "'0044-03-15 BC'"),
          new Typed("time", "'23:59:59.999999'"),
          new Typed("timetz", "'12:00+05:30'"),
          new Typed("timestamp", "'2026-01-01 00:00:00.000001'", "'-infinity'"),
          new Typed("timestamptz", "'2026-01-01 00:00+00'"),
          new Typed("interval", "'1 year 2 mons 3 days 04:05:06.7'"),
          new Typed("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
          new Typed("json", "'{\"b\": 1, \"a\" : null}'"),
          new Typed("jsonb", "'{\"b\": 1, \"a\": [1, 2]}'", "'null'"),
          new Typed("jsonpath", "'$.a[*] ? (@ > 1)'"),
          new Typed("xml", "'<a>1</a>'"),
          new Typed("inet", "'192.168.0.1/24'", "'::1'"),
          new Typed("cidr", "'10.0.0.0/8'"),
          new Typed("macaddr", "'08:00:2b:01:02:03'"),
          new Typed("macaddr8", "'08:00:2b:01:02:03:04:05'"),
          new Typed("bit(3)", "B'101'"),
          new Typed("bit varying", "B'10101'", "B''"),
          new Typed("point", "'(1,2)'"),
          new Typed("line", "'{1,2,3}'"),
          new Typed("lseg", "'[(1,2),(3,4)]'"),
          new Typed("box", "'(3,4),(1,2)'"),
          new Typed("path", "'[(1,2),(3,4)]'"),
          new Typed("polygon", "'((0,0),(1,0),(1,1))'"),
          new Typed("circle", "'<(1,2),3>'"),
          new Typed("tsvector", "'a:1 b:2A'"),
          new Typed("tsquery", "'a & !b'"),
          new Typed("int4range", "'[1,5)'", "'empty'"),
          new Typed("tstzrange", "'[2026-01-01,)'"),
          new Typed("int4multirange", "'{[1,2),[5,9)}'"),
          new Typed("pg_lsn", "'16/B374D848'"),
          new Typed("oid", "4294967295"),
          new Typed("regclass", "'pg_class'"),
          new Typed("xid8", "'18446744073709551615'"),
          new Typed("pg_snapshot", "'10:20:10,14'"),
          new Typed("mood", "'happy'"),
          new Typed("pair", "ROW(1, 'x y')", "ROW(NULL, '')"),
          new Typed("positive", "7"),
          new Typed("citext", "'MiXed'"),
          new Typed("hstore", "'a=>1, b=>NULL'"),
          new Typed("ltree", "'Top.Science'"),
          // aclitem has no send function: it travels as text.
          new Typed("aclitem", "'postgres=r/postgres'"));

  private static final List<Typed> ARRAYS =
      List.of(
          new Typed("int[]", "'{1,NULL,3}'", "'{}'", "'[0:1]={5,6}'", "'{{1,2},{3,4}}'"),
          new Typed("text[]", "ARRAY['null', NULL, '', 'a,b']"),
          new Typed("mood[]", "'{sad,happy}'"),
          new Typed("pair[]", "ARRAY[ROW(1, 'x')::pair, NULL]"),
          new Typed("numeric[]", "'{1.0,NaN}'"));

  @Test
  void everyTypePassesThroughArrayParameters() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(SETUP)) {
      DeltaRows rows = capture(capture, SCALARS);
      try (Connection connection = capture.database().connect()) {
        for (int i = 0; i < SCALARS.size(); i++) {
          assertThat(ArrayParameters.unnest(connection, rows, i + 1))
              .as(SCALARS.get(i).type())
              .isEqualTo(table(connection, "c" + i));
        }
      }
      assertThat(rows.columns().getLast().name()).isEqualTo("present");
      DeltaRows.Column aclitem = rows.columns().get(SCALARS.size());
      assertThat(aclitem.binary()).as("aclitem is text").isFalse();
    }
  }

  @Test
  void everyTypePassesThroughCopyBinary() throws Exception {
    List<Typed> all = new ArrayList<>(SCALARS);
    all.removeLast();
    all.addAll(ARRAYS);
    try (CaptureFixture capture = CaptureFixture.on18(SETUP)) {
      DeltaRows rows = capture(capture, all);
      try (Connection connection = capture.database().connect();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TEMP TABLE copied (LIKE t)");
        statement.execute("ALTER TABLE copied ADD present boolean");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        rows.writeCopyBinary(bytes);
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "COPY copied FROM STDIN (FORMAT binary)",
                new ByteArrayInputStream(bytes.toByteArray()));
        for (int i = 0; i < all.size(); i++) {
          assertThat(strings(connection, "SELECT c" + i + "::text FROM copied ORDER BY id"))
              .as(all.get(i).type())
              .isEqualTo(table(connection, "c" + i));
        }
      }
    }
  }

  /** A table with a column per type, rows with each literal and with NULL, as a delta. */
  private static DeltaRows capture(CaptureFixture capture, List<Typed> types) throws Exception {
    String columns =
        IntStream.range(0, types.size())
            .mapToObj(i -> "c" + i + " " + types.get(i).type())
            .collect(Collectors.joining(", "));
    capture.execute("CREATE TABLE t (id int PRIMARY KEY, " + columns + ")");
    List<String> names = new ArrayList<>(List.of("id"));
    IntStream.range(0, types.size()).forEach(i -> names.add("c" + i));
    DeltaView view = new DeltaView.Keyed(capture.oid("t"), names, List.of("id"));
    DeltaConsumer consumer = capture.filledConsumer(view);
    int rows = types.stream().mapToInt(type -> type.literals().length).max().orElseThrow();
    for (int row = 0; row <= rows; row++) {
      int number = row;
      String values =
          types.stream()
              .map(type -> number < type.literals().length ? type.literals()[number] : "NULL")
              .collect(Collectors.joining(", "));
      capture.execute("INSERT INTO t VALUES (%d, %s)".formatted(row, values));
    }
    Delta delta = capture.deltaNow(consumer, view);
    assertThat(delta).isInstanceOf(Delta.Rows.class);
    assertThat(((Delta.Rows) delta).rows().rowCount()).isEqualTo(rows + 1);
    return ((Delta.Rows) delta).rows();
  }

  private static List<@Nullable String> table(Connection connection, String column)
      throws Exception {
    return strings(connection, "SELECT " + column + "::text FROM t ORDER BY id");
  }

  private static List<@Nullable String> strings(Connection connection, String query)
      throws Exception {
    List<@Nullable String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }
}
