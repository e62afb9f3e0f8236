package dev.freshet.sql;

import static dev.freshet.sql.TableName.quote;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.SqlStatement.Parameter;
import dev.freshet.sql.maintain.Deltas;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A stream table without an engine: changes are found by comparing each source with a copy of its
 * old state, bound in a form of choice, applied, and the result compared with the query.
 */
final class Rig implements AutoCloseable {
  static final TableName TARGET = new TableName("public", "stream");

  /** How deltas are bound. */
  enum Transport {
    ARRAYS,
    TEXT_ARRAYS,
    TABLE,
    LOOKUP,
    WEIGHTED
  }

  private final Connection connection;
  final CompiledQuery compiled;

  Rig(Connection connection, String query) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
    searchPath("");
    this.compiled = compile(query);
    run(compiled.createTable(TARGET, 90), Map.of());
    run(compiled.fill(TARGET), Map.of());
    for (SqlStatement statement : compiled.createIndexes(TARGET)) {
      run(statement, Map.of());
    }
    equalsItsQuery("after the fill");
  }

  private CompiledQuery compile(String query) throws SQLException {
    searchPath("public");
    var analyst = new Analyst(connection);
    // The definition is what PostgreSQL prints with an empty search path.
    String resolved = qualified(query);
    searchPath("");
    return new FreshetCompiler().compile(analyst.analyze(resolved), analyst);
  }

  private String qualified(String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      var before = connection.setSavepoint();
      statement.execute("CREATE TEMPORARY VIEW qualified AS " + query);
      searchPath("");
      try (ResultSet rows =
          statement.executeQuery("SELECT pg_get_viewdef('pg_temp.qualified'::regclass, false)")) {
        rows.next();
        String definition = rows.getString(1).strip().replaceFirst(";$", "");
        connection.rollback(before);
        return definition;
      }
    }
  }

  private void searchPath(String path) throws SQLException {
    execute("SET search_path = " + (path.isEmpty() ? "''" : path));
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** A change that would violate a unique key does not happen. */
  private void change(String sql) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      execute(sql);
    } catch (SQLException e) {
      if (!"23505".equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback(before);
    }
  }

  /** Changes sources, refreshes incrementally and compares. */
  void after(Transport transport, String... changes) throws SQLException {
    List<DeltaNeed> needs = compiled.deltaNeeds();
    assertThat(needs).as("needs of %s", compiled.explain()).isNotEmpty();
    for (DeltaNeed need : needs) {
      execute("CREATE TEMPORARY TABLE " + old(need) + " AS SELECT * FROM " + need.source().name());
    }
    searchPath("public");
    for (String change : changes) {
      change(change);
    }
    searchPath("");
    refresh(transport, needs);
    for (DeltaNeed need : needs) {
      execute("DROP TABLE pg_temp." + old(need));
    }
    equalsItsQuery(transport + " after " + String.join("; ", changes));
    equalsAFreshFill(transport + " after " + String.join("; ", changes));
  }

  private static String old(DeltaNeed need) {
    return "old_" + need.source().oid();
  }

  private void refresh(Transport transport, List<DeltaNeed> needs) throws SQLException {
    Map<Integer, DeltaBinding> bindings = new LinkedHashMap<>();
    Map<Integer, String> relations = new LinkedHashMap<>();
    for (DeltaNeed need : needs) {
      Form form = Deltas.form(need, transport);
      String delta = "delta_" + need.source().oid();
      execute(
          "CREATE TEMPORARY TABLE "
              + delta
              + " AS "
              + Deltas.select(need, form, "pg_temp." + old(need)));
      if (count("SELECT count(*) FROM pg_temp." + delta) > 0) {
        relations.put(need.source().oid(), "pg_temp." + delta);
        bindings.put(need.source().oid(), binding(transport, need, form, delta));
      } else {
        execute("DROP TABLE pg_temp." + delta);
      }
    }
    if (!bindings.isEmpty()) {
      for (SqlStatement statement : compiled.incremental(TARGET, bindings)) {
        run(statement, relations);
      }
    }
    for (String relation : relations.values()) {
      execute("DROP TABLE " + relation);
    }
    for (DeltaNeed need : needs) {
      execute("DROP TABLE IF EXISTS pg_temp.bound_" + need.source().oid());
    }
  }

  private DeltaBinding binding(Transport transport, DeltaNeed need, Form form, String delta)
      throws SQLException {
    if (transport == Transport.TABLE) {
      String bound = "bound_" + need.source().oid();
      run(compiled.createDeltaTable(need, form, quote(bound)), Map.of());
      execute("INSERT INTO pg_temp." + bound + " SELECT * FROM pg_temp." + delta);
      return new DeltaBinding.Table(form, "pg_temp." + quote(bound));
    }
    Set<Integer> text = Deltas.arrayColumns(need, form, transport == Transport.TEXT_ARRAYS);
    return new DeltaBinding.Arrays(form, text);
  }

  /** Refreshes in full and compares. */
  void fullAfter(String... changes) throws SQLException {
    searchPath("public");
    for (String change : changes) {
      change(change);
    }
    searchPath("");
    for (SqlStatement statement : compiled.full(TARGET)) {
      run(statement, Map.of());
    }
    equalsItsQuery("full after " + String.join("; ", changes));
    equalsAFreshFill("full after " + String.join("; ", changes));
  }

  void rebuild() throws SQLException {
    for (SqlStatement statement : compiled.rebuild(TARGET)) {
      run(statement, Map.of());
    }
    equalsItsQuery("rebuild");
  }

  long count(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Rows written by a full refresh that has nothing to do. */
  long rowsWrittenByIdleFull() throws SQLException {
    long written = 0;
    for (SqlStatement statement : compiled.full(TARGET)) {
      try (PreparedStatement prepared = connection.prepareStatement(statement.sql())) {
        written += prepared.executeUpdate();
      }
    }
    return written;
  }

  private void run(SqlStatement statement, Map<Integer, String> relations) throws SQLException {
    try (PreparedStatement prepared = connection.prepareStatement(statement.sql())) {
      int index = 1;
      for (Parameter parameter : statement.parameters()) {
        prepared.setObject(index++, array(parameter, relations), Types.OTHER);
      }
      prepared.execute();
    } catch (SQLException e) {
      throw new SQLException(e.getMessage() + "\nin: " + statement.sql(), e.getSQLState(), e);
    }
  }

  /** The array's literal, each element as output text. */
  private String array(Parameter parameter, Map<Integer, String> relations) throws SQLException {
    String relation = relations.get(parameter.sourceOid());
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM " + relation + " LIMIT 0")) {
      String column = quote(rows.getMetaData().getColumnName(parameter.column() + 1));
      try (Statement inner = connection.createStatement();
          ResultSet value =
              inner.executeQuery(
                  "SELECT COALESCE(array_agg("
                      + column
                      + "::text ORDER BY ctid), '{}')::text FROM "
                      + relation)) {
        value.next();
        return value.getString(1);
      }
    }
  }

  void equalsItsQuery(String when) throws SQLException {
    List<String> differences = new ArrayList<>();
    SqlStatement audit = compiled.audit(TARGET, 20);
    try (PreparedStatement statement = connection.prepareStatement(audit.sql());
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        differences.add(rows.getString(1) + " " + rows.getLong(2) + " × " + rows.getString(3));
      }
    } catch (SQLException e) {
      throw new SQLException(e.getMessage() + "\nin: " + audit.sql(), e);
    }
    assertThat(differences).as("%s of %s", when, compiled.query().text()).isEmpty();
  }

  /** Hidden columns included: a wrong one is a wrong result later. */
  private void equalsAFreshFill(String when) throws SQLException {
    if (compiled.query().columns().stream().anyMatch(c -> !c.type().comparable())) {
      return;
    }
    var fresh = new TableName("public", "fresh");
    var before = connection.setSavepoint();
    run(compiled.createTable(fresh, 100), Map.of());
    run(compiled.fill(fresh), Map.of());
    String columns =
        compiled.layout().columns().stream()
            .map(c -> quote(c.name()))
            .collect(Collectors.joining(", "));
    String one = "SELECT " + columns + " FROM " + TARGET;
    String other = "SELECT " + columns + " FROM " + fresh;
    long differing =
        count(
            "SELECT count(*) FROM (("
                + one
                + " EXCEPT ALL "
                + other
                + ") UNION ALL ("
                + other
                + " EXCEPT ALL "
                + one
                + ")) x");
    connection.rollback(before);
    assertThat(differing)
        .as("rows that differ in hidden columns, %s of %s", when, compiled.query().text())
        .isZero();
  }

  /** The target's rows, visible columns as text, sorted. */
  List<String> rows() throws SQLException {
    String columns =
        compiled.layout().visible().stream()
            .map(TableName::quote)
            .collect(Collectors.joining(", "));
    List<String> result = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT ROW(" + columns + ")::text FROM " + TARGET + " ORDER BY 1")) {
      while (rows.next()) {
        result.add(rows.getString(1));
      }
    }
    return result;
  }

  @Override
  public void close() throws SQLException {
    connection.rollback();
  }
}
