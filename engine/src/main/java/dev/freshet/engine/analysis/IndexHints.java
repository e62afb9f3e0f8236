package dev.freshet.engine.analysis;

import dev.freshet.engine.IndexHint;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.MissingIndex;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the indexes that the sources of a query lack. */
public final class IndexHints {
  private static final Logger LOG = LoggerFactory.getLogger(IndexHints.class);

  private IndexHints() {}

  /** What the sources of a query lack now. Tables of a few pages lack nothing. */
  public static List<IndexHint> of(Connection connection, CompiledQuery query) throws SQLException {
    if (query.deltaNeeds().isEmpty()) {
      return List.of();
    }
    List<MissingIndex> missing;
    try {
      missing = query.missingIndexes(new SourceIndexReader(connection));
    } catch (SourceIndexReader.Unreadable e) {
      throw e.problem();
    } catch (IllegalStateException | IllegalArgumentException | NoSuchElementException e) {
      // A fault of the advice must not keep anyone from having the stream table.
      LOG.warn("no advice on indexes: {}", query.query().text(), e);
      return List.of();
    }
    List<IndexHint> hints = new ArrayList<>();
    for (MissingIndex index : missing) {
      Map<String, String> quoted = new HashMap<>();
      quote(connection, index.table().name().schema(), quoted);
      quote(connection, index.table().name().table(), quoted);
      for (String column : index.columns()) {
        quote(connection, column, quoted);
      }
      hints.add(
          new IndexHint(
              index.table().name(),
              index.columns(),
              index.statement(name -> quoted.getOrDefault(name, TableName.quote(name))),
              index.reason()));
    }
    return hints;
  }

  private static void quote(Connection connection, String name, Map<String, String> quoted)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_catalog.quote_ident(?)")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        quoted.put(name, row.getString(1));
      }
    }
  }
}
