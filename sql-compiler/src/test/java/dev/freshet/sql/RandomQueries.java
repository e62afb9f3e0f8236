package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Random tables, queries and changes; few distinct values, so that rows meet, tie and vanish. */
final class RandomQueries {
  static final List<String> SCHEMA =
      List.of(
          "CREATE TABLE a (id int PRIMARY KEY, k int, t text, n numeric, f float8, d date)",
          "CREATE TABLE b (x int, y text, k int NOT NULL, n numeric(8,2), PRIMARY KEY (x, y))",
          "CREATE TABLE c (k int, t text, n numeric)",
          "CREATE TABLE e (id bigint PRIMARY KEY, k int NOT NULL, t varchar(10), n smallint)");

  private record Table(String name, List<String> ints, List<String> texts, List<String> numbers) {}

  private static final List<Table> TABLES =
      List.of(
          new Table("a", List.of("id", "k"), List.of("t"), List.of("n", "f")),
          new Table("b", List.of("x", "k"), List.of("y"), List.of("n")),
          new Table("c", List.of("k"), List.of("t"), List.of("n")),
          new Table("e", List.of("id", "k", "n"), List.of("t"), List.of("n")));

  private record Source(String alias, Table table) {}

  private final Random random;

  RandomQueries(Random random) {
    this.random = random;
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T pick(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  String query() {
    int branches = chance(20) ? 2 + random.nextInt(2) : 1;
    boolean grouped = chance(45);
    return IntStream.range(0, branches)
        .mapToObj(_ -> grouped && branches == 1 || chance(25) ? grouped() : plain())
        .collect(Collectors.joining(" UNION ALL "));
  }

  private List<Source> sources() {
    List<Source> sources = new ArrayList<>();
    int count = 1 + (chance(50) ? 1 : 0) + (chance(15) ? 1 : 0);
    for (int i = 0; i < count; i++) {
      sources.add(new Source("r" + i, pick(TABLES)));
    }
    return sources;
  }

  private String from(List<Source> sources) {
    var text = new StringBuilder(relation(sources.getFirst()));
    for (int i = 1; i < sources.size(); i++) {
      Source right = sources.get(i);
      Source left = sources.get(random.nextInt(i));
      switch (random.nextInt(4)) {
        case 0 -> {
          if (i == 1) {
            text.append(" JOIN ").append(relation(right)).append(" USING (k)");
          } else {
            text.append(" CROSS JOIN ").append(relation(right));
          }
        }
        case 1 ->
            text.append(" JOIN ")
                .append(relation(right))
                .append(" ON ")
                .append(joined(left, right))
                .append(" AND ")
                .append(condition(List.of(left, right)));
        default ->
            text.append(" JOIN ")
                .append(relation(right))
                .append(" ON ")
                .append(joined(left, right));
      }
    }
    return text.toString();
  }

  private String relation(Source source) {
    String name = source.table().name();
    if (chance(20)) {
      name = "(SELECT * FROM " + name + (chance(50) ? " WHERE k > 0" : "") + ")";
    } else if (chance(5)) {
      name = "(SELECT * FROM " + name + " UNION ALL SELECT * FROM " + name + " WHERE k = 1)";
    }
    return name + " AS " + source.alias();
  }

  private String joined(Source left, Source right) {
    return chance(70)
        ? integer(left) + " = " + integer(right)
        : chance(50) ? text(left) + " = " + text(right) : integer(left) + " < " + integer(right);
  }

  private String integer(Source source) {
    return source.alias() + "." + pick(source.table().ints());
  }

  private String text(Source source) {
    return source.alias() + "." + pick(source.table().texts());
  }

  private String number(Source source) {
    return source.alias() + "." + pick(source.table().numbers());
  }

  private String condition(List<Source> sources) {
    Source source = pick(sources);
    return switch (random.nextInt(8)) {
      case 0 -> integer(source) + " > " + random.nextInt(4);
      case 1 -> integer(source) + " IN (1, 2, " + random.nextInt(6) + ")";
      case 2 -> text(source) + " LIKE 'x%'";
      case 3 -> number(source) + " IS NOT NULL";
      case 4 -> "(" + condition(sources) + " OR " + condition(sources) + ")";
      case 5 -> number(source) + " BETWEEN 0 AND 5";
      case 6 -> "NOT (" + condition(sources) + ")";
      default -> integer(source) + " <> " + integer(pick(sources));
    };
  }

  private String where(List<Source> sources) {
    return chance(50)
        ? " WHERE " + condition(sources) + (chance(30) ? " AND " + condition(sources) : "")
        : "";
  }

  private String expression(List<Source> sources, int kind) {
    Source source = pick(sources);
    return switch (kind) {
      case 0 ->
          chance(60)
              ? integer(source)
              : "(" + integer(source) + " + " + integer(pick(sources)) + ")";
      case 1 -> chance(60) ? text(source) : "upper(" + text(source) + ") || '?'";
      default ->
          chance(50)
              ? source.alias() + ".n"
              : "CASE WHEN "
                  + integer(source)
                  + " > 1 THEN "
                  + source.alias()
                  + ".n ELSE 1.0 / nullif("
                  + integer(pick(sources))
                  + ", 0) END";
    };
  }

  private String plain() {
    List<Source> sources = sources();
    return "SELECT "
        + expression(sources, 0)
        + " AS i, "
        + expression(sources, 1)
        + "::text AS s, "
        + expression(sources, 2)
        + "::numeric AS v FROM "
        + from(sources)
        + where(sources);
  }

  private String aggregate(List<Source> sources, boolean numeric) {
    String filter = chance(20) ? " FILTER (WHERE " + condition(sources) + ")" : "";
    Source source = pick(sources);
    String call =
        switch (random.nextInt(9)) {
          case 0, 1 -> "count(*)";
          case 2 -> "count(" + text(source) + ")";
          case 3 -> "sum(" + integer(source) + ")";
          case 4 -> "sum(" + source.alias() + ".n)";
          case 5 -> "avg(" + integer(source) + ")";
          case 6 -> "min(" + expression(sources, numeric ? 2 : 0) + ")";
          case 7 -> "max(" + integer(source) + ")";
          default ->
              chance(50)
                  ? "count(DISTINCT " + integer(source) + ")"
                  : "sum(" + integer(source) + " * " + integer(pick(sources)) + ")";
        };
    return chance(20) ? "coalesce(" + call + filter + ", -1) + 1" : call + filter;
  }

  private String grouped() {
    List<Source> sources = sources();
    int groups = random.nextInt(3);
    String first = expression(sources, 0);
    String second = expression(sources, 1);
    String i = groups > 0 ? first : "count(*)::int";
    String s = groups > 1 ? second : "max(" + second + ")";
    return "SELECT "
        + i
        + " AS i, ("
        + s
        + ")::text AS s, ("
        + aggregate(sources, true)
        + ")::numeric AS v FROM "
        + from(sources)
        + where(sources)
        + (groups == 0 ? "" : " GROUP BY " + first + (groups > 1 ? ", " + second : ""))
        + (chance(25) ? " HAVING count(*) > 1" : "");
  }

  /** A few statements that change some of the tables. */
  String[] changes() {
    List<String> changes = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      changes.add(change(pick(List.of("a", "b", "c", "e"))));
    }
    return changes.toArray(String[]::new);
  }

  private String value(int range) {
    return chance(15) ? "NULL" : String.valueOf(random.nextInt(range));
  }

  private String word() {
    return chance(15) ? "NULL" : "'" + pick(List.of("x", "xy", "Y", "", "z w", "q\"'',{}")) + "'";
  }

  private String decimal() {
    return chance(15) ? "NULL" : pick(List.of("1.0", "1.00", "2", "2.5", "0", "-3.25"));
  }

  String insert(String table) {
    int id = random.nextInt(12);
    String row =
        switch (table) {
          case "a" ->
              id
                  + ", "
                  + value(4)
                  + ", "
                  + word()
                  + ", "
                  + decimal()
                  + ", "
                  + decimal()
                  + ", '2024-01-0"
                  + (1 + id % 3)
                  + "'";
          case "b" ->
              random.nextInt(4)
                  + ", '"
                  + pick(List.of("x", "xy", "Y"))
                  + "', "
                  + random.nextInt(4)
                  + ", "
                  + decimal();
          case "c" -> value(3) + ", " + word() + ", " + decimal();
          default -> id + ", " + random.nextInt(4) + ", " + word() + ", " + value(5);
        };
    return "INSERT INTO " + table + " VALUES (" + row + ") ON CONFLICT DO NOTHING";
  }

  private String change(String table) {
    String key = table.equals("a") || table.equals("e") ? "id" : table.equals("b") ? "x" : "k";
    String some = " WHERE " + key + " % 3 = " + random.nextInt(3);
    return switch (random.nextInt(9)) {
      case 0 -> "DELETE FROM " + table + some;
      case 1 -> "DELETE FROM " + table + " WHERE ctid = (SELECT min(ctid) FROM " + table + ")";
      case 2 -> "UPDATE " + table + " SET k = " + random.nextInt(4) + some;
      case 3 ->
          table.equals("e")
              ? "UPDATE e SET t = " + word() + some
              : "UPDATE " + table + " SET n = " + decimal() + some;
      case 4 ->
          table.equals("c")
              ? "UPDATE c SET t = " + word() + some
              : "UPDATE " + table + " SET " + key + " = " + key + " + 100" + some + " AND " + key
                  + " < 100";
      case 5 -> chance(20) ? "DELETE FROM " + table : "INSERT INTO c SELECT * FROM c LIMIT 2";
      default -> insert(table);
    };
  }
}
