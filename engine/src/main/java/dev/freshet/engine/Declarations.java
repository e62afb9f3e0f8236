package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.Declaration;
import dev.freshet.engine.control.TableChange;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** Stream tables that files declare: what they would change, and which came from a file. */
final class Declarations {
  private final FreshetConfig config;
  private final DataSource connections;
  private final Catalog catalog;
  private final Definitions definitions;

  Declarations(
      FreshetConfig config, DataSource connections, Catalog catalog, Definitions definitions) {
    this.config = config;
    this.connections = connections;
    this.catalog = catalog;
    this.definitions = definitions;
  }

  /** On a connection of its own: names are resolved with the role's own search path. */
  List<TableChange> plan(List<Declaration> declarations, boolean prune) throws SQLException {
    try (Connection connection = Connections.open(config.database())) {
      return new ApplyPlanner(connection, catalog, definitions).plan(declarations, prune);
    }
  }

  void remember(TableName name, String file) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      Optional<StreamTable> table = catalog.find(connection, name);
      if (table.isPresent()) {
        catalog.declare(connection, table.get().id(), file);
      }
    }
  }
}
