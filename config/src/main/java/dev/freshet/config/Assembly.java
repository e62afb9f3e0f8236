package dev.freshet.config;

import java.util.List;
import java.util.Optional;

/** Makes the typed configuration of checked values: one line for each component. */
final class Assembly {
  private static final int MOST_WORKERS_BY_DEFAULT = 4;
  private static final int FEWEST_WORKERS = 2;

  private Assembly() {}

  static FreshetConfig assemble(Values values, List<StreamTableConfig> streamTables) {
    return new FreshetConfig(
        database(values), cdc(values), RefreshSettings.of(values), engine(values), streamTables);
  }

  static DatabaseConfig database(Values values) {
    return database(
        values,
        values
            .find(Settings.DATABASE_DIRECT_URL)
            .map(url -> database(direct(values, url), Optional.empty())));
  }

  /** What {@code url} says and, of what it leaves out, what holds for the pooler as well. */
  static Values direct(Values values, ConnectionUrl url) {
    Values inherited = values.without(Settings.DATABASE_HOST).without(Settings.DATABASE_PORT);
    return url.over(inherited, new Place.Option("database.direct-url"), _ -> {});
  }

  private static DatabaseConfig database(Values values, Optional<DatabaseConfig> direct) {
    String user = user(values);
    return new DatabaseConfig(
        values.get(Settings.DATABASE_HOST),
        values.get(Settings.DATABASE_PORT),
        values.find(Settings.DATABASE_NAME).orElse(user),
        user,
        values.find(Settings.DATABASE_PASSWORD),
        new SslConfig(
            values.get(Settings.DATABASE_SSL_MODE),
            values.find(Settings.DATABASE_SSL_ROOT_CERT),
            values.find(Settings.DATABASE_SSL_CERT),
            values.find(Settings.DATABASE_SSL_KEY)),
        values.get(Settings.DATABASE_APPLICATION_NAME),
        values.get(Settings.DATABASE_CONNECT_TIMEOUT),
        direct);
  }

  private static String user(Values values) {
    return values.find(Settings.DATABASE_USER).orElseGet(() -> System.getProperty("user.name"));
  }

  private static CdcConfig cdc(Values values) {
    return new CdcConfig(
        values.get(Settings.CDC_MODE),
        values.get(Settings.CDC_SLOT_NAME),
        values.get(Settings.CDC_PUBLICATION_NAME),
        values.get(Settings.CDC_MANAGE_PUBLICATION),
        values.get(Settings.CDC_MANAGE_REPLICA_IDENTITY),
        values.get(Settings.CDC_REPLICA_IDENTITY_LOCK_TIMEOUT),
        buffer(values),
        values.get(Settings.CDC_MAX_RETAINED_WAL),
        values.get(Settings.CDC_STATUS_INTERVAL),
        values.get(Settings.CDC_FAILOVER),
        values.get(Settings.CDC_POLL_INTERVAL));
  }

  private static BufferConfig buffer(Values values) {
    DataSize maxMemory = values.get(Settings.CDC_BUFFER_MAX_MEMORY);
    return new BufferConfig(
        values.get(Settings.CDC_BUFFER_MODE),
        maxMemory,
        values
            .find(Settings.CDC_BUFFER_MAX_TRANSACTION_MEMORY)
            .orElse(new DataSize(maxMemory.bytes() / 4)));
  }

  private static EngineConfig engine(Values values) {
    return new EngineConfig(
        values.find(Settings.ENGINE_REFRESH_WORKERS).orElseGet(Assembly::workers),
        values.get(Settings.ENGINE_HISTORY_SIZE),
        values.get(Settings.ENGINE_TAKEOVER_AFTER),
        new AdminConfig(
            values.get(Settings.ENGINE_ADMIN_BIND_ADDRESS), values.get(Settings.ENGINE_ADMIN_PORT)),
        new LogConfig(
            values.get(Settings.ENGINE_LOG_FORMAT), values.get(Settings.ENGINE_LOG_LEVEL)));
  }

  private static int workers() {
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.clamp(processors, FEWEST_WORKERS, MOST_WORKERS_BY_DEFAULT);
  }
}
