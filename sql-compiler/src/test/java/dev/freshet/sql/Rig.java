package dev.freshet.sql;

import static dev.freshet.sql.TableName.quote;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.SqlStatement.Parameter;
import dev.freshet.sql.filter.RowCondition;
import dev.freshet.sql.maintain.Deltas;
import dev.freshet.sql.render.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A stream table without an engine: changes are found by comparing each source with a copy of its
 * old state, bound in a form of choice, applied, and the result compared with the query.
 */
public final class Rig implements AutoCloseable {
  public static final TableName TARGET = new TableName("public", "stream");

  /** What the clock shows from refresh to refresh; it is set back, too. */
  private static final List<String> CLOCK =
      List.of(
          "2024-01-01 09:30+00",
          "2024-01-01 10:00+00",
          "2024-01-01 10:30+00",
          "2024-01-02 00:00+00",
          "2024-01-01 12:00+00",
          "2024-02-29 23:59:59.999999+00",
          "2024-03-01 00:00+00",
          "2024-03-01 00:00+00",
          "2024-03-10 06:45+00", // New York moves its clocks at 07:00
          "2024-03-10 07:15+00",
          "2023-12-31 23:00+00",
          "2024-11-03 05:15+00", // and back at 06:00
          "2024-11-03 06:30+00",
          "2024-04-02 10:00+00");

  /** The class of SQLSTATE of a value that cannot be computed: a division by zero, a bad cast. */
  private static final String DATA_EXCEPTION = "22";

  private static final int INDEXED_ROWS = 4;

  /** How deltas are bound. */
  public enum Transport {
    ARRAYS,
    TEXT_ARRAYS,
    TABLE,
    LOOKUP,
    WEIGHTED
  }

  private static final SourceIndexes NO_INDEXES =
      new SourceIndexes() {
        @Override
        public boolean find(SourceTable table, Set<String> columns) {
          return false;
        }

        @Override
        public List<String> key(SourceTable table, List<String> columns) {
          return columns;
        }
      };

  private static final TableName FRESH = new TableName("public", "fresh");

  private final Connection connection;
  public final CompiledQuery compiled;
  private final UnaryOperator<List<List<String>>> delivery;
  private final Optional<Analyst.Memory> memory;
  private final Map<Integer, Deltas.Rows> contents = new HashMap<>();
  private final Map<Map<Integer, DeltaBinding>, List<SqlStatement>> templates = new HashMap<>();
  private final Set<String> bound = new HashSet<>();
  private boolean audited;
  private boolean filledAfresh;

  /** Where the plans of the statements that run are wanted: their lines. */
  private Optional<List<String>> plans = Optional.empty();

  private int ticks;
  private String now = "";
  private String frontier = "none";
  private int failedDeltas;
  private boolean filtered;

  public Rig(Connection connection, String query) throws SQLException {
    this(connection, query, UnaryOperator.identity(), Optional.empty());
  }

  /**
   * @param delivery what becomes of a delta on its way, for tests of the comparison
   * @param memory if nobody but this rig changes anything: what is known of the schema
   */
  Rig(
      Connection connection,
      String query,
      UnaryOperator<List<List<String>>> delivery,
      Optional<Analyst.Memory> memory)
      throws SQLException {
    this.connection = connection;
    this.delivery = delivery;
    this.memory = memory;
    connection.setAutoCommit(false);
    searchPath("");
    tick();
    this.compiled = compile(query);
    compiled.missingIndexes(NO_INDEXES); // advice is given for every query
    run(compiled.createTable(TARGET, 90), Map.of());
    run(compiled.fill(TARGET), Map.of());
    frontier = now;
    for (SqlStatement statement : compiled.createIndexes(TARGET)) {
      run(statement, Map.of());
    }
    for (SqlStatement statement : compiled.createHiddenTables(TARGET)) {
      run(statement, Map.of());
    }
    equalsItsQuery("after the fill");
  }

  /** Time passes. */
  private void tick() throws SQLException {
    now = CLOCK.get(ticks++ % CLOCK.size());
    execute("SET rig.now = '" + now + "'");
    execute("SET freshet.clock = '" + frontier + "'");
  }

  /** Here {@code now()} is not the time of the transaction. */
  private static String clocked(String sql) {
    String now = "(current_setting('rig.now')::timestamptz)";
    return sql.replaceAll("\\b(now\\(\\)|CURRENT_TIMESTAMP\\b)", now)
        .replaceAll("\\bCURRENT_DATE\\b", "(" + now + "::date)")
        .replaceAll("\\bLOCALTIMESTAMP\\b", "(" + now + "::timestamp)");
  }

  private CompiledQuery compile(String query) throws SQLException {
    var analyst = new Analyst(connection, memory.orElseGet(Analyst.Memory::new));
    // The definition is what PostgreSQL prints with an empty search path.
    String resolved = qualified(query);
    return new FreshetCompiler().compile(analyst.analyze(resolved), analyst);
  }

  private String qualified(String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SAVEPOINT qualified; SET LOCAL search_path = public; CREATE TEMPORARY VIEW qualified AS "
              + query);
      statement.execute("SET LOCAL search_path = ''");
      try (ResultSet rows =
          statement.executeQuery("SELECT pg_get_viewdef('pg_temp.qualified'::regclass, false)")) {
        rows.next();
        return PrintedSql.accepted(rows.getString(1).strip().replaceFirst(";$", ""));
      }
    } finally {
      execute("ROLLBACK TO SAVEPOINT qualified; RELEASE SAVEPOINT qualified");
    }
  }

  private void searchPath(String path) throws SQLException {
    execute("SET search_path = " + (path.isEmpty() ? "''" : path));
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Changes sources, refreshes incrementally and compares. */
  public void after(Transport transport, String... changes) throws SQLException {
    List<DeltaNeed> needs = compiled.deltaNeeds();
    assertThat(needs).as("needs of %s", compiled.explain()).isNotEmpty();
    Map<DeltaNeed, Deltas.Rows> before = new LinkedHashMap<>();
    for (DeltaNeed need : needs) {
      Deltas.Rows known = memory.isPresent() ? contents.get(need.source().oid()) : null;
      before.put(need, known == null ? content(need) : known);
    }
    change(changes);
    refresh(transport, before);
    String when = transport + " after " + String.join("; ", changes);
    equalsItsQuery(when);
    equalsAFreshFill(when);
  }

  /** Changes sources, refreshes incrementally and returns the plans of its statements. */
  List<String> plansAfter(String... changes) throws SQLException {
    return plansAfter(Transport.ARRAYS, changes);
  }

  List<String> plansAfter(Transport transport, String... changes) throws SQLException {
    Map<DeltaNeed, Deltas.Rows> before = new LinkedHashMap<>();
    for (DeltaNeed need : compiled.deltaNeeds()) {
      before.put(need, content(need));
    }
    change(changes);
    plans = Optional.of(new ArrayList<>());
    refresh(transport, before);
    List<String> lines = plans.orElseThrow();
    plans = Optional.empty();
    return lines;
  }

  /** Makes the changes; one that would violate a constraint does not happen. */
  private void change(String... changes) throws SQLException {
    contents.clear();
    String body =
        Stream.of(changes)
            .map(
                sql ->
                    "BEGIN EXECUTE $change$"
                        + sql
                        + "$change$; EXCEPTION WHEN integrity_constraint_violation THEN NULL; END;")
            .collect(Collectors.joining("\n", "DO $changes$ BEGIN\n", "\nEND $changes$"));
    execute("SET search_path = public; " + body + "; SET search_path = ''");
  }

  private Deltas.Rows content(DeltaNeed need) throws SQLException {
    SourceTable source = need.source();
    List<String> names = source.columns().stream().map(SourceTable.Column::name).toList();
    List<List<String>> rows = elements(names, source.name(), Optional.of(need.filter()));
    Map<List<String>, String> images = new HashMap<>();
    List<List<String>> bare = new ArrayList<>();
    for (List<String> row : rows) {
      bare.add(row.subList(0, names.size()));
      if (row.size() > names.size()) {
        images.put(bare.getLast(), Deltas.text(row.getLast()));
      }
    }
    filtered |= !images.isEmpty();
    return new Deltas.Rows(source, bare, images);
  }

  /** Whether some delta was filtered. */
  boolean isFiltered() {
    return filtered;
  }

  /** Every row's values as array elements, and last what a filter looks at, if it does. */
  private List<List<String>> elements(
      List<String> names, TableName table, Optional<RowCondition> filter) throws SQLException {
    List<String> columns = new ArrayList<>();
    names.forEach(name -> columns.add(quote(name) + "::text"));
    filter
        .map(RowCondition::columns)
        .filter(looked -> !looked.isEmpty())
        .ifPresent(
            looked ->
                columns.add(
                    looked.stream()
                        .map(TableName::quote)
                        .collect(
                            Collectors.joining(
                                ", ",
                                "pg_catalog.encode(pg_catalog.record_send(ROW(",
                                ")), 'hex')"))));
    String items = columns.isEmpty() ? "1" : String.join(", ", columns);
    List<List<String>> result = new ArrayList<>();
    try (PreparedStatement statement =
            connection.prepareStatement(prepared("SELECT " + items + " FROM " + table));
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns.size(); i++) {
          String value = rows.getString(i);
          row.add(value == null ? Deltas.NULL : Deltas.element(value));
        }
        result.add(row);
      }
    }
    return result;
  }

  private void refresh(Transport transport, Map<DeltaNeed, Deltas.Rows> before)
      throws SQLException {
    Map<Integer, DeltaBinding> bindings = new LinkedHashMap<>();
    Map<Integer, List<List<String>>> deltas = new LinkedHashMap<>();
    for (var entry : before.entrySet()) {
      DeltaNeed need = entry.getKey();
      Deltas.Rows after = content(need);
      contents.put(need.source().oid(), after);
      Form form = Deltas.form(need, transport, entry.getValue(), after);
      List<List<String>> delta = delivery.apply(Deltas.delta(need, form, entry.getValue(), after));
      if (!delta.isEmpty()) {
        deltas.put(need.source().oid(), delta);
        bindings.put(need.source().oid(), binding(transport, need, form, delta));
      }
    }
    index(bindings, deltas);
    tick();
    if (bindings.isEmpty() && !isDue()) {
      return; // the frontier stays
    }
    // As in the engine, a template serves every delta of its shape.
    List<SqlStatement> statements =
        templates.computeIfAbsent(bindings, shape -> compiled.incremental(TARGET, shape));
    if (connection.getAutoCommit()) {
      run(statements, deltas);
    } else {
      runOrRefreshInFull(statements, deltas);
    }
    frontier = now;
  }

  /** As in the engine, temporary tables of small deltas have no indexes. */
  private void index(Map<Integer, DeltaBinding> bindings, Map<Integer, List<List<String>>> deltas)
      throws SQLException {
    for (DeltaNeed need : compiled.deltaNeeds()) {
      int oid = need.source().oid();
      if (bindings.get(oid) instanceof DeltaBinding.Table(Form form, String name)
          && form == Form.WEIGHTED
          && deltas.getOrDefault(oid, List.of()).size() >= INDEXED_ROWS) {
        for (SqlStatement index : compiled.indexDeltaTable(need, name, bindings)) {
          if (bound.add(index.sql())) {
            execute(index.sql());
          }
        }
        execute("ANALYZE " + name);
      }
    }
  }

  private void run(List<SqlStatement> statements, Map<Integer, List<List<String>>> deltas)
      throws SQLException {
    for (SqlStatement statement : statements) {
      run(statement, deltas);
    }
  }

  /** As the engine does where the delta fails on a value that the query never evaluates. */
  private void runOrRefreshInFull(
      List<SqlStatement> statements, Map<Integer, List<List<String>>> deltas) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      run(statements, deltas);
      connection.releaseSavepoint(before);
    } catch (SQLException e) {
      if (!String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)) {
        throw e;
      }
      connection.rollback(before);
      run(compiled.full(TARGET), Map.of());
      failedDeltas++;
    }
  }

  /** How many refreshes were full ones because the delta failed. */
  int failedDeltas() {
    return failedDeltas;
  }

  private boolean isDue() throws SQLException {
    return compiled.due().isPresent()
        && count("SELECT (" + compiled.due().get().sql() + ")::int") > 0;
  }

  private DeltaBinding binding(
      Transport transport, DeltaNeed need, Form form, List<List<String>> delta)
      throws SQLException {
    if (transport != Transport.TABLE) {
      Set<Integer> text = Deltas.arrayColumns(need, form, transport == Transport.TEXT_ARRAYS);
      return new DeltaBinding.Arrays(form, text);
    }
    String name = "bound_" + need.source().oid() + "_" + form;
    String relation = "pg_temp." + quote(name);
    if (bound.add(name)) {
      execute(compiled.createDeltaTable(need, form, quote(name)).sql());
    }
    execute("DELETE FROM " + relation + "; INSERT INTO " + relation + " VALUES " + values(delta));
    return new DeltaBinding.Table(form, relation);
  }

  private static String values(List<List<String>> rows) {
    return rows.stream()
        .map(
            row ->
                row.stream()
                    .map(e -> e.equals(Deltas.NULL) ? e : literal(Deltas.text(e)))
                    .collect(Collectors.joining(", ", "(", ")")))
        .collect(Collectors.joining(", "));
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Refreshes in full and compares. */
  void fullAfter(String... changes) throws SQLException {
    change(changes);
    tick();
    for (SqlStatement statement : compiled.full(TARGET)) {
      run(statement, Map.of());
    }
    frontier = now;
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
    try (PreparedStatement statement = connection.prepareStatement(prepared(sql));
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Rows written by a full refresh that has nothing to do. */
  long rowsWrittenByIdleFull() throws SQLException {
    long written = 0;
    for (SqlStatement statement : compiled.full(TARGET)) {
      try (PreparedStatement prepared = connection.prepareStatement(clocked(statement.sql()))) {
        written += prepared.executeUpdate();
      }
    }
    return written;
  }

  private void run(SqlStatement statement, Map<Integer, List<List<String>>> deltas)
      throws SQLException {
    boolean planned = plans.isPresent() && !statement.sql().matches("(?s)(ANALYZE|DROP) .*");
    String explain = planned ? "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) " : "";
    try (PreparedStatement prepared =
        connection.prepareStatement(explain + clocked(statement.sql()))) {
      int index = 1;
      for (Parameter parameter : statement.parameters()) {
        List<List<String>> delta = deltas.getOrDefault(parameter.sourceOid(), List.of());
        String array =
            delta.stream()
                .map(row -> row.get(parameter.column()))
                .collect(Collectors.joining(",", "{", "}"));
        prepared.setObject(index++, array, Types.OTHER);
      }
      prepared.execute();
      if (planned) {
        try (ResultSet lines = prepared.getResultSet()) {
          while (lines.next()) {
            plans.get().add(lines.getString(1));
          }
        }
      }
    } catch (SQLException e) {
      throw new SQLException(e.getMessage() + "\nin: " + statement.sql(), e.getSQLState(), e);
    }
  }

  void equalsItsQuery(String when) throws SQLException {
    List<String> columns = compiled.query().columns().stream().map(c -> c.name()).toList();
    String definition = compiled.query().definition();
    // Equal texts are equal values; whether different ones are is for PostgreSQL to say.
    boolean visible = compiled.hiddenTables(TARGET).isEmpty();
    if (audited && visible && sameTexts(columns, TARGET.toString(), nested(definition))) {
      return;
    }
    audited = true;
    List<String> differences = audit();
    if (differences.isEmpty() && !columns.isEmpty() && differ(definition, TARGET, true)) {
      differences.add("the audit sees no difference, EXCEPT ALL does");
    }
    assertThat(differences).as("%s of %s", when, compiled.query().text()).isEmpty();
  }

  private List<String> audit() throws SQLException {
    List<String> differences = new ArrayList<>();
    SqlStatement audit = compiled.audit(TARGET, 20);
    try (PreparedStatement statement = connection.prepareStatement(clocked(audit.sql()));
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        differences.add(rows.getString(1) + " " + rows.getLong(2) + " × " + rows.getString(3));
      }
    } catch (SQLException e) {
      throw new SQLException(e.getMessage() + "\nin: " + audit.sql(), e.getSQLState(), e);
    }
    return differences;
  }

  /** Prepared, because the same text comes after every refresh. */
  private static String prepared(String sql) {
    return clocked(SqlText.finish(sql).sql());
  }

  private static String nested(String query) {
    return "(" + query + ") q";
  }

  /** Whether two relations have the same rows, as texts. */
  private boolean sameTexts(List<String> columns, String one, String other) throws SQLException {
    String row =
        columns.stream().map(TableName::quote).collect(Collectors.joining(", ", "ROW(", ")::text"));
    String sql = prepared("SELECT " + row + " FROM " + one + "; SELECT " + row + " FROM " + other);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.execute();
      List<String> first = texts(statement);
      statement.getMoreResults();
      return first.equals(texts(statement));
    }
  }

  private static List<String> texts(Statement statement) throws SQLException {
    List<String> result = new ArrayList<>();
    try (ResultSet rows = statement.getResultSet()) {
      while (rows.next()) {
        result.add(rows.getString(1));
      }
    }
    result.sort(null);
    return result;
  }

  /** Whether two relations differ as bags, by SQL equality where the type has one. */
  private boolean differ(String query, TableName table, boolean visible) throws SQLException {
    Set<String> bare =
        compiled.query().columns().stream()
            .filter(c -> !c.type().comparable())
            .map(c -> c.name())
            .collect(Collectors.toSet());
    String columns =
        compiled.layout().columns().stream()
            .filter(c -> !visible || !c.hidden())
            .map(c -> quote(c.name()) + (bare.contains(c.name()) ? "::text" : ""))
            .collect(Collectors.joining(", "));
    String one = "SELECT " + columns + " FROM " + nested(query);
    String other = "SELECT " + columns + " FROM " + table;
    return count(
            "SELECT count(*) FROM (("
                + one
                + " EXCEPT ALL "
                + other
                + ") UNION ALL ("
                + other
                + " EXCEPT ALL "
                + one
                + ")) x")
        > 0;
  }

  /** Hidden columns included: a wrong one is a wrong result later. */
  private void equalsAFreshFill(String when) throws SQLException {
    if (compiled.layout().columns().stream().noneMatch(StorageLayout.Column::hidden)) {
      return;
    }
    if (filledAfresh) {
      execute("DELETE FROM " + FRESH);
    } else {
      run(compiled.createTable(FRESH, 100), Map.of());
      filledAfresh = true;
    }
    run(compiled.fill(FRESH), Map.of());
    List<String> all =
        compiled.layout().columns().stream().map(StorageLayout.Column::name).toList();
    if (sameTexts(all, TARGET.toString(), FRESH.toString())) {
      return;
    }
    assertThat(differ("SELECT * FROM " + TARGET, FRESH, false))
        .as("hidden columns differ from a fresh fill's, %s of %s", when, compiled.query().text())
        .isFalse();
  }

  /** The target's rows, visible columns as text, sorted. */
  public List<String> rows() throws SQLException {
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
