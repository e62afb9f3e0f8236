package dev.freshet.scratch;

import dev.freshet.cli.ScratchServer;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import java.sql.Connection;
import java.sql.SQLException;

/** Starts an embedded PostgreSQL 18 that lives as long as the work. */
public final class EmbeddedScratchServer implements ScratchServer {
  @Override
  public <T> T inNewDatabase(Work<T> work) throws SQLException {
    try (EmbeddedServer server =
            EmbeddedServer.builder(PgVersion.V18).setting("fsync", "off").start();
        Database database = server.freshDatabase();
        Connection connection = database.connect()) {
      return work.in(connection);
    }
  }
}
