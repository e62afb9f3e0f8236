package dev.freshet.config;

import java.util.List;

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
        values.get(Settings.DATABASE_CONNECT_TIMEOUT));
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
        values.get(Settings.CDC_STATUS_INTERVAL),
        values.get(Settings.CDC_FAILOVER));
  }

  private static BufferConfig buffer(Values values) {
    DataSize maxMemory = values.get(Settings.CDC_BUFFER_MAX_MEMORY);
    return new BufferConfig(
        maxMemory,
        values
            .find(Settings.CDC_BUFFER_MAX_TRANSACTION_MEMORY)
            .orElse(new DataSize(maxMemory.bytes() / 2)));
  }

  private static EngineConfig engine(Values values) {
    return new EngineConfig(
        values.find(Settings.ENGINE_REFRESH_WORKERS).orElseGet(Assembly::workers),
        values.get(Settings.ENGINE_HISTORY_SIZE),
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
