package dev.freshet.cdc.contract;

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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Values of every type family pass through as bytes: what comes back is what the table holds. */
public abstract class TypeContract {
  private final CaptureRig.Capturing capturing;
  private final Set<String> refused;

  protected TypeContract(CaptureRig.Capturing capturing) {
    this(capturing, Set.of());
  }

  /**
   * @param refused the types that it does not carry, as PostgreSQL prints them: exactly these
   */
  protected TypeContract(CaptureRig.Capturing capturing, Set<String> refused) {
    this.capturing = capturing;
    this.refused = refused;
  }

  private record Typed(String type, String... literals) {}

  private static final String[] SETUP = {
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE TYPE pair AS (a int, b text, c interval)",
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
    "CREATE DOMAIN amount AS numeric(12,2)",
    "CREATE EXTENSION citext",
    "CREATE EXTENSION hstore",
    "CREATE EXTENSION ltree",
    setForAll("bytea_output", "escape"),
    setForAll("DateStyle", "SQL, DMY"),
    setForAll("IntervalStyle", "sql_standard"),
    setForAll("TimeZone", "Asia/Kolkata"),
    setForAll("extra_float_digits", "0"),
  };

  /** Nothing may depend on how the sessions of a database print values. */
  private static String setForAll(String setting, String value) {
    return "DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET %s = %%L', current_database(), '%s'); END $$"
        .formatted(setting, value);
  }

  private static final List<Typed> SCALARS =
      List.of(
          new Typed("boolean", "true", "false"),
          new Typed("\"char\"", "'x'", "''"),
          new Typed("smallint", "-32768", "32767"),
          new Typed("int", "-2147483648", "0"),
          new Typed("bigint", "-9223372036854775808", "9223372036854775807"),
          new Typed("real", "1.5", "'NaN'", "'-Infinity'", "3.4028235e38", "1e-45", "'-0'"),
          new Typed(
              "double precision",
              "'-0.0'",
              "'Infinity'",
              "'NaN'",
              "5e-324",
              "0.1",
              "123456789.123"),
          new Typed(
              "numeric",
              "'NaN'",
              "1.00",
              "-123456789012345678901234567890.123456789",
              "'Infinity'",
              "'-Infinity'",
              "0",
              "0.000",
              "0.00001",
              "10000",
              "99999999.5",
              "1e130"),
          new Typed("numeric(10,2)", "0.10", "-99999999.99"),
          new Typed("money", "'12.34'"),
          new Typed("text", "''", "'null'", "'NULL'", "'a b\"c\\d,{}'", "repeat('ß', 5000)"),
          new Typed("varchar(5)", "'ab '"),
          new Typed("char(5)", "'ab'"),
          new Typed("name", "'n'"),
          new Typed("bytea", "'\\x00ff5c'", "''"),
          new Typed(
              "date",
              "'2026-02-28'",
              "'infinity'",
              "'-infinity'",
              "'0044-03-15 BC'",
              "'4713-01-01 BC'",
              "'5874897-12-31'"),
          new Typed("time", "'23:59:59.999999'", "'24:00'", "'00:00:00.5'", "'12:34:56'"),
          new Typed("timetz", "'12:00+05:30'"),
          new Typed(
              "timestamp",
              "'2026-01-01 00:00:00.000001'",
              "'infinity'",
              "'-infinity'",
              "'4713-01-01 00:00:00.000001 BC'",
              "'294276-12-31 23:59:59.999999'",
              "'294247-01-10 04:00:25.2'",
              "'1969-12-31 23:59:59.999999'"),
          new Typed(
              "timestamptz",
              "'2026-01-01 00:00+00'",
              "'infinity'",
              "'-infinity'",
              "'0001-01-01 00:00 BC'",
              "'12026-06-01 00:00:00.1+00'",
              "'1800-01-01 00:00+00'"),
          new Typed("interval", "'1 year 2 mons 3 days 04:05:06.7'"),
          new Typed("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
          new Typed("json", "'{\"b\": 1, \"a\" : null}'", "'null'"),
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
          new Typed("pair", "ROW(1, 'x y', '1 mon 2 days -03:00')", "ROW(NULL, '', NULL)"),
          new Typed("positive", "7"),
          new Typed("citext", "'MiXed'"),
          new Typed("hstore", "'a=>1, b=>NULL'"),
          new Typed("ltree", "'Top.Science'"),
          new Typed("bit(1)", "B'1'"),
          new Typed("numrange", "'[1.50,2]'"),
          new Typed("daterange", "'[2026-01-01,infinity)'"),
          new Typed("amount", "7.5"),
          // aclitem has no send function: it travels as text.
          new Typed("aclitem", "('=r/\"' || current_user || '\"')::aclitem"));

  private static final List<Typed> ARRAYS =
      List.of(
          new Typed("int[]", "'{1,NULL,3}'", "'{}'", "'[0:1]={5,6}'", "'{{1,2},{3,4}}'"),
          new Typed("text[]", "ARRAY['null', NULL, '', 'a,b']"),
          new Typed("mood[]", "'{sad,happy}'"),
          new Typed("pair[]", "ARRAY[ROW(1, 'x', NULL)::pair, NULL]"),
          new Typed("numeric[]", "'{1.0,NaN}'"));

  /** The arrays before the last of the scalars, which travels as text. */
  private static final List<Typed> ALL =
      Stream.of(SCALARS.subList(0, SCALARS.size() - 1), ARRAYS, List.of(SCALARS.getLast()))
          .flatMap(List::stream)
          .toList();

  @Test
  void everyTypePassesThroughArrayParameters() throws Exception {
    try (CaptureRig capture = capturing.on18(SETUP)) {
      List<Typed> types = carried(capture, SCALARS);
      DeltaRows rows = capture(capture, types);
      try (Connection connection = capture.database().connect()) {
        for (int i = 0; i < types.size(); i++) {
          if (rows.columns().get(i + 1).binary() || types.get(i).type().equals("aclitem")) {
            assertThat(ArrayParameters.unnest(connection, rows, i + 1))
                .as(types.get(i).type())
                .isEqualTo(table(connection, "c" + i));
          }
        }
      }
      assertThat(rows.columns().getLast().name()).isEqualTo("present");
      DeltaRows.Column aclitem = rows.columns().get(types.size());
      assertThat(aclitem.binary()).as("aclitem is text").isFalse();
    }
  }

  @Test
  void everyTypePassesThroughCopyBinary() throws Exception {
    try (CaptureRig capture = capturing.on18(SETUP)) {
      List<Typed> types = carried(capture, ALL);
      DeltaRows rows = capture(capture, types);
      try (Connection connection = capture.database().connect();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TEMP TABLE copied (LIKE t)");
        statement.execute("ALTER TABLE copied ADD present boolean");
        for (int i = 0; i < types.size(); i++) {
          if (!rows.columns().get(i + 1).binary()) {
            statement.execute("ALTER TABLE copied ALTER c%d TYPE text USING NULL".formatted(i));
          }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        rows.writeCopyBinary(bytes);
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "COPY copied FROM STDIN (FORMAT binary)",
                new ByteArrayInputStream(bytes.toByteArray()));
        for (int i = 0; i < types.size(); i++) {
          String type = types.get(i).type();
          assertThat(
                  strings(
                      connection,
                      "SELECT c%d::%s::text FROM copied ORDER BY id".formatted(i, type)))
              .as(type)
              .isEqualTo(table(connection, "c" + i));
        }
      }
    }
  }

  /** Whoever refuses a type more, or one less, has to declare it. */
  @Test
  void refusesTheDeclaredTypesAndNoOthers() throws Exception {
    try (CaptureRig capture = capturing.on18(SETUP)) {
      create(capture, "t", ALL);
      assertThat(capture.refusedTypes("t", names(ALL))).isEqualTo(refused);
    }
  }

  /** Those that are not refused. */
  private List<Typed> carried(CaptureRig capture, List<Typed> types) throws Exception {
    List<Typed> carried = new ArrayList<>();
    for (Typed type : types) {
      String name = capture.query("SELECT format_type('%s'::regtype, NULL)".formatted(type.type()));
      if (!refused.contains(name)) {
        carried.add(type);
      }
    }
    return carried;
  }

  /** A table with a column per type, rows with each literal and with NULL, as a delta. */
  private static DeltaRows capture(CaptureRig capture, List<Typed> types) throws Exception {
    create(capture, "t", types);
    List<String> names = names(types);
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

  private static List<String> names(List<Typed> types) {
    List<String> names = new ArrayList<>(List.of("id"));
    IntStream.range(0, types.size()).forEach(i -> names.add("c" + i));
    return names;
  }

  private static void create(CaptureRig capture, String table, List<Typed> types) throws Exception {
    String columns =
        IntStream.range(0, types.size())
            .mapToObj(
                i ->
                    "c%d %s DEFAULT %s"
                        .formatted(i, types.get(i).type(), types.get(i).literals()[0]))
            .collect(Collectors.joining(", "));
    capture.execute("CREATE TABLE %s (id int PRIMARY KEY, %s)".formatted(table, columns));
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
