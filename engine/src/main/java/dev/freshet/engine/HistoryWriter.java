package dev.freshet.engine;

import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.refresh.Maintained;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * Stores the newest refresh reports off the critical path, so that {@code status} has something to
 * show when no engine runs. At most {@code keep} per stream table are held between two flushes.
 */
final class HistoryWriter implements EngineListener {
  private final DataSource connections;
  private final Catalog catalog;
  private final StreamTables tables;
  private final int keep;
  private final Map<String, List<RefreshReport>> unwritten = new LinkedHashMap<>();

  HistoryWriter(DataSource connections, Catalog catalog, StreamTables tables, int keep) {
    this.connections = connections;
    this.catalog = catalog;
    this.tables = tables;
    this.keep = keep;
  }

  @Override
  public void refreshed(RefreshReport report) {
    if (report.mode() == Mode.NOOP) {
      return;
    }
    synchronized (unwritten) {
      List<RefreshReport> reports =
          unwritten.computeIfAbsent(report.name(), _ -> new ArrayList<>());
      reports.add(report);
      if (reports.size() > keep) {
        reports.removeFirst();
      }
    }
  }

  /**
   * Writes what has gathered, waiting for no disk and no standby; what cannot be written is
   * dropped, it is only history.
   */
  void flush() throws SQLException {
    Map<String, List<RefreshReport>> reports;
    synchronized (unwritten) {
      if (unwritten.isEmpty()) {
        return;
      }
      reports = new LinkedHashMap<>(unwritten);
      unwritten.clear();
    }
    try (Connection connection = connections.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN; SET LOCAL synchronous_commit = off");
      try {
        for (Maintained table : tables.maintained()) {
          List<RefreshReport> own = reports.get(table.displayName());
          if (own != null) {
            catalog.appendHistory(connection, table.table().id(), own, keep);
          }
        }
      } finally {
        statement.execute("COMMIT");
      }
    }
  }
}
