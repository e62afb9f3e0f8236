package dev.freshet.config;

import dev.freshet.config.Quantity.Count;
import dev.freshet.config.Quantity.Lasting;
import dev.freshet.config.Quantity.Memory;
import dev.freshet.config.Quantity.Ratio;
import dev.freshet.config.Quantity.Whole;
import dev.freshet.config.ValueType.FileName;
import dev.freshet.config.ValueType.Flag;
import dev.freshet.config.ValueType.OneOf;
import dev.freshet.config.ValueType.SecretText;
import dev.freshet.config.ValueType.Text;
import dev.freshet.config.ValueType.Url;
import dev.freshet.config.ValueType.When;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The registry: every key, once. A new key is a constant here, a line in {@link #ALL} and a
 * component of the record that carries it; the loader, the checks and the reference follow.
 */
final class Settings {
  /** The section of stream tables: a list or map, read by {@link StreamTablesReader}. */
  static final String STREAM_TABLES = "stream-tables";

  private static final int MAX_IDENTIFIER_BYTES = 63;
  private static final Text IDENTIFIER =
      new Text(
          "a PostgreSQL identifier",
          Pattern.compile("[^\\x00]+"),
          MAX_IDENTIFIER_BYTES,
          "a name as in the catalog, not quoted");
  private static final Text SLOT =
      new Text(
          "a slot name",
          Pattern.compile("[a-z0-9_]+"),
          MAX_IDENTIFIER_BYTES,
          "lower-case letters, digits and underscores");
  private static final Text HOST =
      new Text(
          "a host name or address",
          Pattern.compile("[^\\s/,@]+"),
          255,
          "a host name or an IP address");

  private static final Text SERVERS =
      new Text(
          "a host name or address",
          Pattern.compile("[^\\s/@,]+(,[^\\s/@,]+)*"),
          1024,
          "a host name or an IP address");

  private static final ValueType<Duration> LOCK_WAIT =
      new Lasting(Duration.ofMillis(1), Duration.ofHours(1), "");

  static final Setting<ConnectionUrl> DATABASE_URL =
      Setting.optional(
          "database.url",
          new Url(),
          "postgresql://freshet@db.example.com:5432/shop?sslmode=verify-full",
          "All of the connection in one: a libpq URI (postgresql://…) or a JDBC URL"
              + " (jdbc:postgresql://…), instead of the keys below.");
  static final Setting<ConnectionUrl> DATABASE_DIRECT_URL =
      Setting.optional(
          "database.direct-url",
          new Url(),
          "postgresql://db.example.com:5432",
          "The server's own address, where the other keys name a connection pooler such as"
              + " PgBouncer: for replication, the engine's lock and whatever else needs a session."
              + " What it leaves out, but for the port, is as in the other keys.");
  static final Setting<String> DATABASE_SERVICE =
      Setting.optional(
              "database.service",
              new Text("a service name", Pattern.compile("[^\\s\\[\\]]+"), 255, "a section's name"),
              "shop",
              "A section of libpq's service file (~/.pg_service.conf, or PGSERVICEFILE): it sets"
                  + " what nothing but libpq's other variables sets.")
          .orLibpq("PGSERVICE");
  static final Setting<String> DATABASE_HOST =
      Setting.of(
              "database.host",
              SERVERS,
              "localhost",
              "The server's name or address. Several, separated by commas and with :port where it"
                  + " differs, name a primary and its standbys: the primary is taken.")
          .orLibpq("PGHOST");
  static final Setting<Integer> DATABASE_PORT =
      Setting.of("database.port", new Whole(1, 65535, ""), 5432, "The server's TCP port.")
          .orLibpq("PGPORT");
  static final Setting<String> DATABASE_NAME =
      Setting.derived(
              "database.name", IDENTIFIER, "the user's name", "shop", "The database to serve.")
          .orLibpq("PGDATABASE");
  static final Setting<String> DATABASE_USER =
      Setting.derived(
              "database.user",
              IDENTIFIER,
              "the operating system's user",
              "freshet",
              "The role to connect as. It needs REPLICATION, and must own the stream tables.")
          .orLibpq("PGUSER");
  static final Setting<Secret> DATABASE_PASSWORD =
      Setting.<Secret>optional(
              "database.password",
              new SecretText(),
              "secret",
              "The role's password. Better given by the environment, a password file or ~/.pgpass.")
          .orLibpq("PGPASSWORD");
  static final Setting<Path> DATABASE_PASSWORD_FILE =
      Setting.optional(
          "database.password-file",
          new FileName(),
          "/run/secrets/freshet",
          "A file whose first line is the password, instead of database.password.");
  static final Setting<SslMode> DATABASE_SSL_MODE =
      Setting.of(
              "database.ssl.mode",
              OneOf.of(SslMode.class),
              SslMode.PREFER,
              "Encryption and trust, as libpq's sslmode.")
          .orLibpq("PGSSLMODE");
  static final Setting<Path> DATABASE_SSL_ROOT_CERT =
      Setting.<Path>optional(
              "database.ssl.root-cert",
              new FileName(),
              "root.crt",
              "Certificates of the authorities to trust, PEM.")
          .orLibpq("PGSSLROOTCERT");
  static final Setting<Path> DATABASE_SSL_CERT =
      Setting.<Path>optional(
              "database.ssl.cert", new FileName(), "freshet.crt", "The client's certificate, PEM.")
          .orLibpq("PGSSLCERT");
  static final Setting<Path> DATABASE_SSL_KEY =
      Setting.<Path>optional(
              "database.ssl.key",
              new FileName(),
              "freshet.pk8",
              "The client's private key, PKCS-8 DER (.pk8) or PKCS-12 (.p12).")
          .orLibpq("PGSSLKEY");
  static final Setting<String> DATABASE_APPLICATION_NAME =
      Setting.of(
              "database.application-name",
              IDENTIFIER,
              "freshet",
              "The name of Freshet's connections in pg_stat_activity.")
          .orLibpq("PGAPPNAME");
  static final Setting<Duration> DATABASE_CONNECT_TIMEOUT =
      Setting.of(
          "database.connect-timeout",
          new Lasting(Duration.ofSeconds(1), Duration.ofMinutes(10), ""),
          Duration.ofSeconds(10),
          "How long one attempt to connect may take.");

  static final Setting<CdcMode> CDC_MODE =
      Setting.of(
          "cdc.mode",
          OneOf.of(CdcMode.class),
          CdcMode.WAL,
          "Where changes come from: the write-ahead log, read directly or by Debezium, whose jars"
              + " are not part of a release, or triggers on the sources; auto takes the log where"
              + " the server lets it be read.");
  static final Setting<String> CDC_SLOT_NAME =
      Setting.of(
          "cdc.slot-name",
          SLOT,
          "freshet",
          "The replication slot: one for each Freshet process that attaches to the server.");
  static final Setting<String> CDC_PUBLICATION_NAME =
      Setting.of(
          "cdc.publication-name", IDENTIFIER, "freshet", "The publication that lists the sources.");
  static final Setting<Boolean> CDC_MANAGE_PUBLICATION =
      Setting.of(
          "cdc.manage-publication",
          new Flag(),
          true,
          "Create the publication and add sources to it; false only checks it and prints the SQL"
              + " to run.");
  static final Setting<Boolean> CDC_MANAGE_REPLICA_IDENTITY =
      Setting.of(
          "cdc.manage-replica-identity",
          new Flag(),
          true,
          "Set REPLICA IDENTITY FULL on sources whose old values a query needs; false only checks"
              + " it and prints the SQL to run.");
  static final Setting<Duration> CDC_REPLICA_IDENTITY_LOCK_TIMEOUT =
      Setting.of(
          "cdc.replica-identity-lock-timeout",
          LOCK_WAIT,
          Duration.ofSeconds(1),
          "How long one attempt to change a replica identity waits for its lock, so that writers do"
              + " not queue behind it.");
  static final Setting<BufferMode> CDC_BUFFER_MODE =
      Setting.of(
          "cdc.buffer.mode",
          OneOf.of(BufferMode.class),
          BufferMode.AUTO,
          "Where changes wait for their stream tables: memory, staging (tables freshet.staged_… of"
              + " the database, after a second), or auto: in memory, and staged where they do not"
              + " fit or would hold back the log.");
  static final Setting<DataSize> CDC_BUFFER_MAX_MEMORY =
      Setting.of(
          "cdc.buffer.max-memory",
          new Memory(DataSize.ofMegabytes(1), DataSize.ofMegabytes(1 << 20)),
          DataSize.ofMegabytes(256),
          "Bound of all changes that wait in the JVM, at most a quarter of its heap. From half of"
              + " it on changes are staged, and those staged last may take a quarter of it beside;"
              + " where they are not, changes beyond it are given up and the affected stream tables"
              + " are refreshed in full.");
  static final Setting<DataSize> CDC_BUFFER_MAX_TRANSACTION_MEMORY =
      Setting.derived(
          "cdc.buffer.max-transaction-memory",
          new Memory(DataSize.ofMegabytes(1), DataSize.ofMegabytes(1 << 20)),
          "a quarter of cdc.buffer.max-memory",
          "64MB",
          "Changes of one transaction from which it is staged while it is received, at most a"
              + " quarter of cdc.buffer.max-memory.");
  static final Setting<DataSize> CDC_MAX_RETAINED_WAL =
      Setting.of(
          "cdc.max-retained-wal",
          new Memory(DataSize.ofMegabytes(16), DataSize.ofMegabytes(1 << 24)),
          DataSize.ofMegabytes(10 << 10),
          "Log that the server may have to keep because changes wait in Freshet. At half of it they"
              + " are staged; if that fails the slot moves on at the whole of it, and the stream"
              + " tables that needed them are refreshed in full.");
  static final Setting<Duration> CDC_STATUS_INTERVAL =
      Setting.of(
          "cdc.status-interval",
          new Lasting(Duration.ofMillis(100), Duration.ofMinutes(1), ""),
          Duration.ofSeconds(10),
          "The longest time between two status messages to the server; well below its"
              + " wal_sender_timeout.");
  static final Setting<SlotFailover> CDC_FAILOVER =
      Setting.of(
          "cdc.failover",
          OneOf.of(SlotFailover.class),
          SlotFailover.AUTO,
          "Synchronise the slot to standbys; auto does where the server is 17 or later.");

  static final Setting<Duration> CDC_POLL_INTERVAL =
      Setting.of(
          "cdc.poll-interval",
          new Lasting(Duration.ofMillis(1), Duration.ofMinutes(1), ""),
          Duration.ofMillis(20),
          "With triggers: how often to look for changes while there are some; a quarter as often"
              + " when there are none.");

  static final Setting<Schedule> REFRESH_SCHEDULE =
      Setting.of(
          "refresh.schedule",
          new When(),
          new Schedule.Interval(Duration.ofSeconds(1)),
          "When to refresh: an interval (1s, 1m30s), cron (\"*/5 * * * *\"), continuous (as soon as"
              + " changes arrive), calculated (with the stream tables that read it), or manual.");
  static final Setting<RefreshMode> REFRESH_MODE =
      Setting.of(
          "refresh.mode",
          OneOf.of(RefreshMode.class),
          RefreshMode.AUTO,
          "auto: incremental where the query allows it and the delta is small; incremental: refuse"
              + " other queries; full: always evaluate the query.");
  static final Setting<Double> REFRESH_MAX_CHANGE_RATIO =
      Setting.of(
          "refresh.max-change-ratio",
          new Ratio(),
          0.15,
          "Delta rows ÷ rows of the source above which a refresh is full.");
  static final Setting<CostModel> REFRESH_COST =
      Setting.of(
          "refresh.cost",
          OneOf.of(CostModel.class),
          CostModel.AUTO,
          "auto learns what incremental and full refreshes cost and takes the cheaper; off goes by"
              + " max-change-ratio alone.");
  static final Setting<FullMethod> REFRESH_FULL =
      Setting.of(
          "refresh.full",
          OneOf.of(FullMethod.class),
          FullMethod.MERGE,
          "How a full refresh writes: merge changes only rows that differ, rebuild makes a new heap"
              + " and blocks readers meanwhile.");
  static final Setting<CommitMode> REFRESH_COMMIT =
      Setting.of(
          "refresh.commit",
          OneOf.of(CommitMode.class),
          CommitMode.ASYNCHRONOUS,
          "asynchronous does not wait for the disk (a crash may undo the last refreshes, which are"
              + " then repeated); server waits as synchronous_commit says.");
  static final Setting<Integer> REFRESH_FILLFACTOR =
      Setting.of(
          "refresh.fillfactor",
          new Whole(10, 100, "percent"),
          90,
          "How full the stream table's pages are packed, leaving room for HOT updates.");
  static final Setting<Duration> REFRESH_DEBOUNCE =
      Setting.of(
          "refresh.debounce",
          new Lasting(Duration.ofMillis(1), Duration.ofMinutes(1), "at once"),
          Duration.ofMillis(5),
          "With schedule continuous, how long changes are gathered before a refresh.");
  static final Setting<Duration> REFRESH_LOCK_TIMEOUT =
      Setting.of(
          "refresh.lock-timeout",
          LOCK_WAIT,
          Duration.ofSeconds(1),
          "How long one attempt to refresh waits for a lock before it is tried again.");
  static final Setting<Duration> REFRESH_STATEMENT_TIMEOUT =
      Setting.of(
          "refresh.statement-timeout",
          new Lasting(Duration.ofMillis(1), Duration.ofDays(1), "none"),
          Duration.ZERO,
          "The longest that one statement of a refresh may run.");
  static final Setting<Long> REFRESH_COPY_THRESHOLD =
      Setting.of(
          "refresh.copy-threshold",
          new Count(0, 1_000_000_000, "rows"),
          10_000L,
          "Delta rows from which they are sent by COPY into a temporary table, not as arrays.");

  static final Setting<Integer> ENGINE_REFRESH_WORKERS =
      Setting.derived(
          "engine.refresh-workers",
          new Whole(2, 256, ""),
          "the number of processors, at least 2 and at most 4",
          "4",
          "Stream tables refreshed at the same time; each worker uses one connection.");
  static final Setting<Integer> ENGINE_HISTORY_SIZE =
      Setting.of(
          "engine.history-size",
          new Whole(1, 100_000, "refreshes"),
          100,
          "Refreshes remembered per stream table for status.");
  static final Setting<Duration> ENGINE_TAKEOVER_AFTER =
      Setting.of(
          "engine.takeover-after",
          new Lasting(Duration.ofSeconds(2), Duration.ofHours(1), ""),
          Duration.ofSeconds(20),
          "How long the serving engine may be silent (stopped, hung, cut off) before one that"
              + " stands by ends its sessions and takes over. An engine that ended is followed at"
              + " once.");
  static final Setting<Integer> ENGINE_ADMIN_PORT =
      Setting.of(
          "engine.admin.port",
          new Whole(0, 65535, ""),
          9187,
          "The local port of metrics and health; 0 turns them off.");
  static final Setting<String> ENGINE_ADMIN_BIND_ADDRESS =
      Setting.of(
          "engine.admin.bind-address",
          HOST,
          "127.0.0.1",
          "The address that metrics and health are served on.");
  static final Setting<LogFormat> ENGINE_LOG_FORMAT =
      Setting.of(
          "engine.log.format",
          OneOf.of(LogFormat.class),
          LogFormat.TEXT,
          "Log lines for people (text) or for programs (json).");
  static final Setting<LogLevel> ENGINE_LOG_LEVEL =
      Setting.of(
          "engine.log.level",
          OneOf.of(LogLevel.class),
          LogLevel.INFO,
          "The least severe messages that are logged.");

  /** Every key, in the order of the reference. */
  static final List<Setting<?>> ALL =
      List.of(
          DATABASE_URL,
          DATABASE_DIRECT_URL,
          DATABASE_SERVICE,
          DATABASE_HOST,
          DATABASE_PORT,
          DATABASE_NAME,
          DATABASE_USER,
          DATABASE_PASSWORD,
          DATABASE_PASSWORD_FILE,
          DATABASE_SSL_MODE,
          DATABASE_SSL_ROOT_CERT,
          DATABASE_SSL_CERT,
          DATABASE_SSL_KEY,
          DATABASE_APPLICATION_NAME,
          DATABASE_CONNECT_TIMEOUT,
          CDC_MODE,
          CDC_SLOT_NAME,
          CDC_PUBLICATION_NAME,
          CDC_MANAGE_PUBLICATION,
          CDC_MANAGE_REPLICA_IDENTITY,
          CDC_REPLICA_IDENTITY_LOCK_TIMEOUT,
          CDC_BUFFER_MODE,
          CDC_BUFFER_MAX_MEMORY,
          CDC_BUFFER_MAX_TRANSACTION_MEMORY,
          CDC_MAX_RETAINED_WAL,
          CDC_STATUS_INTERVAL,
          CDC_FAILOVER,
          CDC_POLL_INTERVAL,
          REFRESH_SCHEDULE,
          REFRESH_MODE,
          REFRESH_MAX_CHANGE_RATIO,
          REFRESH_COST,
          REFRESH_FULL,
          REFRESH_COMMIT,
          REFRESH_FILLFACTOR,
          REFRESH_DEBOUNCE,
          REFRESH_LOCK_TIMEOUT,
          REFRESH_STATEMENT_TIMEOUT,
          REFRESH_COPY_THRESHOLD,
          ENGINE_REFRESH_WORKERS,
          ENGINE_HISTORY_SIZE,
          ENGINE_TAKEOVER_AFTER,
          ENGINE_ADMIN_PORT,
          ENGINE_ADMIN_BIND_ADDRESS,
          ENGINE_LOG_FORMAT,
          ENGINE_LOG_LEVEL);

  /** The settings that a stream table can have on its own. */
  static final List<Setting<?>> OF_STREAM_TABLES =
      ALL.stream().filter(setting -> setting.key().startsWith("refresh.")).toList();

  private Settings() {}

  /** Whether some key begins with {@code path} and a dot. */
  static boolean isSection(String path) {
    return ALL.stream().anyMatch(setting -> setting.key().startsWith(path + "."));
  }

  static Optional<Setting<?>> ofKey(String key) {
    return find(ALL, key);
  }

  /** The setting of a stream table by its name without {@code refresh.}. */
  static Optional<Setting<?>> ofStreamTable(String name) {
    return find(OF_STREAM_TABLES, "refresh." + name);
  }

  private static Optional<Setting<?>> find(List<Setting<?>> settings, String key) {
    for (Setting<?> setting : settings) {
      if (setting.key().equals(key)) {
        return Optional.of(setting);
      }
    }
    return Optional.empty();
  }
}
