package dev.freshet.engine.refresh;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.AuditReport.Difference;
import dev.freshet.engine.control.RefreshReport;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares a stream table with its query inside the refresh's transaction, where both are seen at
 * one snapshot. PostgreSQL compares; no code of ours decides what is equal.
 */
final class Auditor {
  AuditReport audit(Connection connection, Maintained table, Cut cut, int limit)
      throws SQLException {
    List<Difference> differences = new ArrayList<>();
    String sql = table.analysis().compiled().audit(table.table().name(), limit).sql();
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        differences.add(new Difference(row.getString(1), row.getLong(2), row.getString(3)));
      }
    }
    return new AuditReport(
        table.displayName(),
        differences.isEmpty(),
        cut.snapshot().toString(),
        count(connection, table),
        Optional.empty(),
        differences,
        Optional.empty());
  }

  private static long count(Connection connection, Maintained table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table.table().name())) {
      row.next();
      return row.getLong(1);
    }
  }

  AuditReport withRefresh(AuditReport audit, RefreshReport report) {
    return new AuditReport(
        audit.name(),
        audit.equal(),
        audit.snapshot(),
        audit.rows(),
        Optional.of(report),
        audit.differences(),
        audit.error());
  }
}
