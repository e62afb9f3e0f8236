package dev.freshet.engine.refresh;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.StorageLayout;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a table that exists compares with what a compiled query wants to store in it. */
public sealed interface TableFit {
  /** It has every column, and what it has besides is in nobody's way. */
  record Fits() implements TableFit {}

  /** Columns have the right type with another modifier, as varchar(20) for varchar(40). */
  record Modified(Map<String, String> types) implements TableFit {}

  /** Only columns differ that readers do not see. */
  record HiddenDiffer() implements TableFit {}

  /** Columns that readers see differ. */
  record Differs(List<String> differences) implements TableFit {}

  record Missing() implements TableFit {}

  /** Whether the query's refreshes can write to it as it is. */
  default boolean fits() {
    return this instanceof Fits;
  }

  /**
   * @param name of the stream table, for people
   * @throws FreshetException if only the user can tell what to do
   */
  default void requireColumns(String name) {
    switch (this) {
      case Fits _, Modified _, HiddenDiffer _ -> {}
      case Differs(List<String> differences) ->
          throw FreshetException.of(
              Kind.SERVER_NOT_READY,
              "a source of %s or the table itself was altered, and the table has not the columns of its query: %s"
                  .formatted(name, String.join("; ", differences)),
              "alter it back, or give the stream table the columns that the query has now: freshet"
                  + " alter "
                  + name
                  + " --query … (the same query will do)");
      case Missing _ ->
          throw FreshetException.of(
              Kind.SERVER_NOT_READY,
              "stream table %s does not exist any more: somebody dropped, renamed or moved it"
                  .formatted(name),
              "rename it back, or make it anew: freshet alter "
                  + name
                  + " --query …, or give it up: freshet drop "
                  + name);
    }
  }

  /** Looks at the table on an ordinary connection. */
  static TableFit of(Connection connection, TableName table, Analysis analysis)
      throws SQLException {
    Map<String, Column> actual = Column.of(connection, table);
    if (actual.isEmpty()) {
      return new Missing();
    }
    Map<String, OutputColumn> output = new LinkedHashMap<>();
    analysis.query().columns().forEach(column -> output.put(column.name(), column));
    List<String> differences = new ArrayList<>();
    Map<String, String> modified = new LinkedHashMap<>();
    boolean hidden = false;
    for (StorageLayout.Column wanted : analysis.compiled().layout().columns()) {
      Column found = actual.remove(wanted.name());
      OutputColumn column = output.get(wanted.name());
      if (wanted.hidden() || column == null) {
        hidden |= found == null;
      } else if (found == null) {
        differences.add("it has no column " + wanted.name());
      } else if (found.type() != column.type().oid()) {
        differences.add(
            "column %s is %s, the query's is %s"
                .formatted(wanted.name(), found.typeName(), column.type().name()));
      } else if (!found.typeName().equals(column.type().name())) {
        modified.put(wanted.name(), column.type().name());
      }
    }
    for (Column other : actual.values()) {
      hidden |= other.name().startsWith(StorageLayout.HIDDEN_PREFIX);
      if (other.required()) {
        differences.add(
            "column %s is not the query's, and NOT NULL without a default".formatted(other.name()));
      }
    }
    return of(differences, modified, hidden, actual);
  }

  /** Hidden columns are exchanged with all that is not the query's: not with a user's column. */
  private static TableFit of(
      List<String> differences,
      Map<String, String> modified,
      boolean hidden,
      Map<String, Column> others) {
    List<String> all = new ArrayList<>(differences);
    if (hidden) {
      others.keySet().stream()
          .filter(name -> !name.startsWith(StorageLayout.HIDDEN_PREFIX))
          .map(name -> "column %s is not the query's".formatted(name))
          .forEach(all::add);
    }
    if (!all.isEmpty()) {
      return new Differs(all.stream().distinct().toList());
    }
    if (hidden) {
      return new HiddenDiffer();
    }
    return modified.isEmpty() ? new Fits() : new Modified(modified);
  }

  /**
   * A column of the table.
   *
   * @param required whether a row without it is refused
   */
  record Column(String name, int type, String typeName, boolean required) {
    private static final String COLUMNS =
        """
        SELECT attname, atttypid::int8, format_type(atttypid, atttypmod),
               attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = ''
        FROM pg_attribute
        WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped
        ORDER BY attnum
        """;

    static Map<String, Column> of(Connection connection, TableName table) throws SQLException {
      Map<String, Column> columns = new LinkedHashMap<>();
      try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
        statement.setString(1, table.toString());
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            columns.put(
                row.getString(1),
                new Column(
                    row.getString(1), (int) row.getLong(2), row.getString(3), row.getBoolean(4)));
          }
        }
      }
      return columns;
    }
  }
}
