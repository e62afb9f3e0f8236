package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.filter.RowCondition;
import dev.freshet.sql.maintain.Noticed;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random conditions over values of every type: a row for which PostgreSQL finds the condition true
 * is never left out, and most of the others are.
 */
class RowFilterTest {
  private static final int CONDITIONS = Integer.getInteger("freshet.filter.conditions", 250);
  private static final int ROWS = 60;

  /** By type, literals; each type has two columns. */
  private static final Map<String, List<String>> VALUES = new LinkedHashMap<>();

  static {
    VALUES.put("smallint", List.of("0", "1", "-1", "32767", "-32768", "7"));
    VALUES.put("integer", List.of("0", "1", "-1", "2147483647", "-2147483648", "7", "10000"));
    VALUES.put(
        "bigint",
        List.of("0", "1", "-1", "9223372036854775807", "-9223372036854775808", "7", "99999"));
    VALUES.put(
        "numeric",
        List.of(
            "0",
            "0.00",
            "-0.0",
            "1",
            "1.0",
            "1.00000001",
            "-1",
            "0.05",
            "0.0500",
            "0.0499999",
            "1e40",
            "1.0e-40",
            "-1e-40",
            "10000",
            "9999",
            "99999999.9999",
            "NaN",
            "Infinity",
            "-Infinity",
            "123456789012345678901234567890.123456789",
            "-123456789012345678901234567890"));
    VALUES.put(
        "real",
        List.of("0", "-0", "1.5", "-1.5", "NaN", "Infinity", "-Infinity", "1e-40", "3.4e38"));
    VALUES.put(
        "double precision",
        List.of(
            "0", "-0", "1.5", "0.1", "-1.5", "NaN", "Infinity", "-Infinity", "5e-324", "1.7e308"));
    VALUES.put("boolean", List.of("true", "false"));
    VALUES.put(
        "date",
        List.of(
            "2000-01-01",
            "1999-12-31",
            "1994-01-01",
            "4713-01-01 BC",
            "5874897-12-31",
            "infinity",
            "-infinity",
            "0044-03-15 BC",
            "294276-12-31",
            "294277-01-01"));
    VALUES.put(
        "timestamp without time zone",
        List.of(
            "2000-01-01 00:00",
            "1999-12-31 23:59:59.999999",
            "1994-01-01 00:00",
            "infinity",
            "-infinity",
            "4713-01-01 00:00 BC",
            "294276-12-31 23:59:59.999999",
            "294276-12-31 00:00",
            "2000-01-01 00:00:00.000001",
            "0044-03-15 12:00 BC"));
    VALUES.put(
        "timestamp with time zone",
        List.of(
            "2000-01-01 00:00+00",
            "1999-12-31 23:00-01",
            "infinity",
            "-infinity",
            "294276-12-31 23:59:59+00",
            "2024-03-31 02:30+02",
            "4713-01-02 00:00+00 BC"));
    VALUES.put("uuid", List.of(uuid('0'), uuid('f'), uuid('8'), uuid('7')));
    VALUES.put("bytea", List.of("", "\\x00", "\\xff", "\\x0000", "\\x7f", "\\x80ff"));
    VALUES.put(
        "text", List.of("", "a", "A", "ab", "a ", "ä", "日本", "a%", "B'q", "\u00e9", "e\u0301"));
    VALUES.put("character varying(8)", List.of("", "a", "A", "ab", "a ", "ä", "日本", "abc"));
    VALUES.put("character(4)", List.of("", "a", "a  ", "A", "ab", "ä", "日本", "a b"));
  }

  private static String uuid(char digit) {
    return "x-x-x-x-xx"
        .replace("xx", "xxx")
        .replace("x", String.valueOf(digit).repeat(4))
        .replaceFirst("^", String.valueOf(digit).repeat(4));
  }

  private static final List<String> TYPES = List.copyOf(VALUES.keySet());

  private final Random random = new Random(seed());

  private static long seed() {
    long seed = Long.getLong("freshet.filter.seed", System.nanoTime() % 1_000_000);
    System.out.println("seed " + seed);
    return seed;
  }

  private <T> T pick(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  private static String quoted(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  private String literal(String type) {
    return random.nextInt(25) == 0 ? "NULL::" + type : quoted(pick(VALUES.get(type))) + "::" + type;
  }

  private static String column(int type, int number) {
    return "c" + type + (number == 0 ? "a" : "b");
  }

  private String atom() {
    int type = random.nextInt(TYPES.size());
    String name = TYPES.get(type);
    String column = column(type, random.nextInt(2));
    String operator = pick(List.of("=", "<>", "<", "<=", ">", ">="));
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> column + " " + operator + " " + literal(name);
      case 3 -> literal(name) + " " + operator + " " + column;
      case 4 -> column(type, 0) + " " + operator + " " + column(type, 1);
      case 5 -> column + (random.nextBoolean() ? " IS NULL" : " IS NOT NULL");
      case 6 -> column + " BETWEEN " + literal(name) + " AND " + literal(name);
      case 7 ->
          column
              + (random.nextBoolean() ? " IN (" : " NOT IN (")
              + literal(name)
              + ", "
              + literal(name)
              + ", "
              + literal(name)
              + ")";
      case 8 -> mixed(operator);
      default ->
          random.nextBoolean()
              ? pick(List.of("c12a", "c13b"))
                  + pick(List.of(" LIKE ", " NOT LIKE "))
                  + pick(List.of("'a%'", "'%'", "'ä%'", "'%a'", "'a_%'", "'a'", "'日%'"))
              : column(6, random.nextInt(2));
    };
  }

  /** Types that are compared across. */
  private String mixed(String operator) {
    List<String> family =
        pick(
            List.of(
                List.of("smallint", "integer", "bigint", "numeric"),
                List.of("real", "double precision"),
                List.of("date", "timestamp without time zone"),
                List.of("text", "character varying(8)")));
    int left = TYPES.indexOf(pick(family));
    String other = pick(family);
    String right = random.nextBoolean() ? literal(other) : column(TYPES.indexOf(other), 1);
    return column(left, 0) + " " + operator + " " + right;
  }

  private String condition(int depth) {
    return switch (depth == 0 ? 0 : random.nextInt(4)) {
      case 1 -> "(" + condition(depth - 1) + " AND " + condition(depth - 1) + ")";
      case 2 -> "(" + condition(depth - 1) + " OR " + condition(depth - 1) + ")";
      case 3 -> "(NOT " + condition(depth - 1) + ")";
      default -> "(" + atom() + ")";
    };
  }

  private void fill(Database database) throws SQLException {
    String columns =
        IntStream.range(0, TYPES.size())
            .mapToObj(
                i -> column(i, 0) + " " + TYPES.get(i) + ", " + column(i, 1) + " " + TYPES.get(i))
            .collect(Collectors.joining(", "));
    database.execute("CREATE TABLE src (id int PRIMARY KEY, " + columns + ")");
    for (int row = 0; row < ROWS; row++) {
      List<String> values = new ArrayList<>(List.of(Integer.toString(row)));
      for (String type : TYPES) {
        for (int i = 0; i < 2; i++) {
          values.add(random.nextInt(8) == 0 ? "NULL" : literal(type));
        }
      }
      database.execute("INSERT INTO src VALUES (" + String.join(", ", values) + ")");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"V15", "V18"})
  void agreesWithPostgres(PgVersion version) throws Exception {
    int known = 0;
    var tally = new Tally();
    try (Database database = SharedServer.of(version).freshDatabase();
        Connection connection = database.connect()) {
      fill(database);
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET search_path = ''; SET TimeZone = 'America/New_York'");
        statement.execute("SET DateStyle = 'ISO, DMY'");
      }
      var analyst = new Analyst(connection, new Analyst.Memory());
      for (int i = 0; i < CONDITIONS; i++) {
        String condition = condition(3);
        RowCondition filter = filter(analyst, condition);
        if (filter instanceof RowCondition.Unknown) {
          continue;
        }
        known++;
        compare(connection, condition, filter, tally);
      }
    }
    System.out.printf(
        "%d of %d conditions known, %,d of %,d rows left out%n",
        known, CONDITIONS, tally.dropped, tally.untrue);
    assertThat(known).isGreaterThan(CONDITIONS / 2);
    assertThat(tally.dropped).isGreaterThan(tally.untrue / 2);
  }

  private static final class Tally {
    private int untrue;
    private int dropped;
  }

  private static RowCondition filter(Analyst analyst, String condition) {
    AnalyzedQuery query = analyst.analyze("SELECT id FROM public.src WHERE " + condition);
    CompiledQuery compiled = new FreshetCompiler().compile(query, analyst);
    return compiled.deltaNeeds().isEmpty()
        ? RowCondition.UNKNOWN
        : compiled.deltaNeeds().getFirst().filter();
  }

  private static void compare(
      Connection connection, String condition, RowCondition filter, Tally tally)
      throws SQLException {
    String image =
        RowCondition.columns(filter).stream()
            .collect(Collectors.joining(", ", "encode(record_send(ROW(", ")), 'hex')"));
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, (" + condition + ") IS TRUE, " + image + " FROM public.src")) {
      while (row.next()) {
        boolean kept = Noticed.by(filter, row.getString(3));
        if (row.getBoolean(2)) {
          assertThat(kept).as("row %d, %s: %s", row.getInt(1), condition, filter).isTrue();
        } else {
          tally.untrue++;
          tally.dropped += kept ? 0 : 1;
        }
        assertThat(Noticed.by(new RowCondition.Not(new RowCondition.Not(filter)), row.getString(3)))
            .isEqualTo(kept);
      }
    }
  }
}
