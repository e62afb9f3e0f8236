package dev.freshet.engine;

import dev.freshet.config.ConfigException;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.analysis.SessionPins;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.Declaration;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.TableChange;
import dev.freshet.engine.control.TableChange.Action;
import dev.freshet.engine.control.TableChange.QueryChange;
import dev.freshet.engine.control.TableChange.SettingChange;
import dev.freshet.engine.refresh.ColumnChanges;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Fillfactor;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Compares declared stream tables with those of the catalog, in a transaction that rolls back.
 *
 * <p>A query may read a stream table that is declared beside it and does not exist yet. So each new
 * one is created there, empty, as soon as its query can be analysed, and the others are tried
 * again: what is left in the end is wrong, or has to wait until a stream table that it reads has
 * got other columns.
 */
final class ApplyPlanner {
  /** The one setting that the table itself has too. */
  private static final String FILLFACTOR = "fillfactor";

  private final Connection connection;
  private final Catalog catalog;
  private final Definitions definitions;
  private final Map<TableName, StreamTable> stored = new LinkedHashMap<>();
  private final Map<TableName, TableChange> changes = new LinkedHashMap<>();
  private final Map<TableName, Set<TableName>> sources = new LinkedHashMap<>();

  /**
   * @param connection not in a transaction; is rolled back
   */
  ApplyPlanner(Connection connection, Catalog catalog, Definitions definitions) {
    this.connection = connection;
    this.catalog = catalog;
    this.definitions = definitions;
  }

  /**
   * What applying the declarations means: sources before what reads them, what goes last. Nothing
   * is thrown for a declaration that is wrong; its change is INVALID.
   */
  List<TableChange> plan(List<Declaration> declarations, boolean prune) throws SQLException {
    connection.setAutoCommit(false);
    try {
      catalog.all(connection).forEach(table -> stored.put(table.name(), table));
      examineAll(declarations);
      List<TableChange> plan = new ArrayList<>();
      Set<TableName> ordered = new LinkedHashSet<>();
      changes.keySet().forEach(name -> addSourcesFirst(name, ordered, new LinkedHashSet<>()));
      ordered.forEach(name -> Optional.ofNullable(changes.get(name)).ifPresent(plan::add));
      addTheOthers(plan, prune);
      return plan;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private void examineAll(List<Declaration> declarations) throws SQLException {
    Map<Declaration, FreshetException> waiting = new LinkedHashMap<>();
    List<Declaration> left = new ArrayList<>(declarations);
    boolean progress = true;
    while (progress && !left.isEmpty()) {
      progress = false;
      waiting.clear();
      for (Declaration declaration : left) {
        try {
          TableChange change = examine(declaration);
          changes.put(Names.parse(change.name()), change);
          progress = true;
        } catch (FreshetException e) {
          waiting.put(declaration, e);
        }
      }
      left = new ArrayList<>(waiting.keySet());
    }
    for (Map.Entry<Declaration, FreshetException> entry : waiting.entrySet()) {
      leave(entry.getKey(), entry.getValue());
    }
  }

  private void addSourcesFirst(TableName name, Set<TableName> ordered, Set<TableName> path) {
    if (ordered.contains(name) || !changes.containsKey(name) || !path.add(name)) {
      return;
    }
    sources.getOrDefault(name, Set.of()).forEach(source -> addSourcesFirst(source, ordered, path));
    ordered.add(name);
  }

  private TableChange examine(Declaration wanted) throws SQLException {
    TableName name = Names.parse(wanted.name());
    RefreshOverrides overrides = overrides(wanted);
    StreamTable table = stored.get(name);
    if (table == null) {
      Filler.requireFree(connection, name);
      Analysis analysis = analyze(name, wanted.query(), overrides, SessionPins.NONE);
      create(name, analysis.compiled());
      return change(
          wanted,
          Action.CREATE,
          Optional.of(new QueryChange(Optional.empty(), wanted.query(), false)),
          settings(Map.of(), overrides.toMap()),
          List.of(),
          Optional.of(analysis.compiled()));
    }
    List<SettingChange> settings =
        new ArrayList<>(settings(table.overrides().toMap(), overrides.toMap()));
    fillfactor(name, overrides)
        .filter(change -> settings.stream().noneMatch(s -> s.key().equals(change.key())))
        .ifPresent(settings::add);
    boolean sameText = table.query().strip().equals(wanted.query().strip());
    if (sameText && settings.isEmpty()) {
      return change(
          wanted, Action.UNCHANGED, Optional.empty(), List.of(), List.of(), Optional.empty());
    }
    Analysis analysis = analyze(name, wanted.query(), overrides, table.pins());
    boolean sameMeaning = sameText || meansTheSame(table, analysis);
    return change(
        wanted,
        Action.ALTER,
        sameText
            ? Optional.empty()
            : Optional.of(new QueryChange(Optional.of(table.query()), wanted.query(), sameMeaning)),
        settings,
        sameMeaning ? List.of() : ColumnChanges.of(connection, name, analysis),
        Optional.of(analysis.compiled()));
  }

  /** The general setting may have changed since the table was made. */
  private Optional<SettingChange> fillfactor(TableName name, RefreshOverrides overrides)
      throws SQLException {
    OptionalInt now = Fillfactor.of(connection, name);
    int wanted = definitions.settings(overrides).fillfactor();
    return now.isEmpty() || now.getAsInt() == wanted
        ? Optional.empty()
        : Optional.of(
            new SettingChange(
                FILLFACTOR,
                Optional.of(String.valueOf(now.getAsInt())),
                Optional.of(String.valueOf(wanted))));
  }

  private static RefreshOverrides overrides(Declaration wanted) {
    try {
      return RefreshOverrides.parse(wanted.settings());
    } catch (ConfigException e) {
      throw FreshetException.of(
          Kind.BAD_SETTING,
          e.problems().stream().map(Object::toString).collect(Collectors.joining("\n")),
          "the reference of the configuration lists the settings",
          e);
    }
  }

  private Analysis analyze(
      TableName name, String query, RefreshOverrides overrides, SessionPins pins)
      throws SQLException {
    Analysis analysis = definitions.analyzeWithin(connection, query, overrides, pins);
    sources.put(name, analysis.bases().stream().map(SourceTable::name).collect(Collectors.toSet()));
    return analysis;
  }

  private boolean meansTheSame(StreamTable before, Analysis after) throws SQLException {
    try {
      return definitions
          .analyzeWithin(connection, before.query(), RefreshOverrides.none(), before.pins())
          .meansTheSameAs(after);
    } catch (FreshetException e) {
      return false;
    }
  }

  /** Without rows; it vanishes with the transaction. */
  private void create(TableName name, CompiledQuery query) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT set_config('freshet.path', current_setting('search_path'), true)");
      statement.execute("SET LOCAL search_path = ''");
      statement.execute(query.createTable(name, 100).sql());
      for (SqlStatement index : query.createIndexes(name)) {
        statement.execute(index.sql());
      }
      statement.execute("SELECT set_config('search_path', current_setting('freshet.path'), true)");
      connection.releaseSavepoint(before);
    } catch (SQLException e) {
      connection.rollback(before);
      throw ServerErrors.translate(e, "create table " + name);
    }
  }

  private static List<SettingChange> settings(
      Map<String, String> before, Map<String, String> after) {
    Set<String> keys = new LinkedHashSet<>(after.keySet());
    keys.addAll(before.keySet());
    return keys.stream()
        .map(
            key ->
                new SettingChange(
                    key, Optional.ofNullable(before.get(key)), Optional.ofNullable(after.get(key))))
        .filter(change -> !change.before().equals(change.after()))
        .toList();
  }

  private static TableChange change(
      Declaration wanted,
      Action action,
      Optional<QueryChange> query,
      List<SettingChange> settings,
      List<String> columns,
      Optional<CompiledQuery> compiled) {
    return new TableChange(
        Names.display(Names.parse(wanted.name())),
        action,
        wanted.place(),
        query,
        settings,
        columns,
        compiled.map(made -> made.refreshClass().label()),
        compiled
            .filter(made -> made.deltaNeeds().isEmpty())
            .map(made -> made.explain().reason())
            .orElse(""),
        Optional.empty(),
        Optional.empty());
  }

  /** Wrong, or to be analysed when what it reads has changed. */
  private void leave(Declaration wanted, FreshetException why) {
    TableName name = Names.parse(wanted.name());
    Optional<TableName> before =
        why.sqlState().orElse("").startsWith("42") ? readsAltered(wanted) : Optional.empty();
    Action action =
        before.isEmpty() ? Action.INVALID : stored.containsKey(name) ? Action.ALTER : Action.CREATE;
    Optional<String> was = Optional.ofNullable(stored.get(name)).map(StreamTable::query);
    before.ifPresent(source -> sources.put(name, Set.of(source)));
    changes.put(
        name,
        new TableChange(
            Names.display(name),
            action,
            wanted.place(),
            Optional.of(new QueryChange(was, wanted.query(), false)),
            List.of(),
            List.of(),
            Optional.empty(),
            before.isEmpty()
                ? ""
                : "known after %s has changed: %s"
                    .formatted(Names.display(before.get()), why.getMessage()),
            before.isEmpty() ? Optional.of(Reply.Failed.of(why)) : Optional.empty(),
            Optional.empty()));
  }

  /** A stream table that gets other columns and that the query names. */
  private Optional<TableName> readsAltered(Declaration wanted) {
    return changes.entrySet().stream()
        .filter(entry -> !entry.getValue().columns().isEmpty())
        .map(Map.Entry::getKey)
        .filter(name -> wanted.query().contains(name.table()))
        .findFirst();
  }

  private void addTheOthers(List<TableChange> plan, boolean prune) throws SQLException {
    Map<Long, String> files = catalog.declarations(connection);
    Map<String, TableChange> others = new TreeMap<>();
    for (StreamTable table : stored.values()) {
      if (changes.containsKey(table.name())) {
        continue;
      }
      String file = files.getOrDefault(table.id(), "");
      others.put(
          table.displayName(),
          new TableChange(
              table.displayName(),
              prune && !file.isEmpty() ? Action.DROP : Action.KEPT,
              file,
              Optional.empty(),
              List.of(),
              List.of(),
              Optional.empty(),
              "",
              Optional.empty(),
              Optional.empty()));
    }
    plan.addAll(others.values());
  }
}
