package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.refresh.Alignment;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Between the engine and the server stands what passes no settings of the startup packet on, as
 * poolers of sessions do; {@link PgBouncerTest} has a real one.
 */
class PoolerTest {
  @Test
  void poolerThatDropsTheSettingsOfSessionsIsServedByStatements() throws Exception {
    served(
        parameters -> {
          List<String> kept = new ArrayList<>(parameters);
          int options = kept.indexOf("options");
          if (options >= 0) {
            kept.remove(options);
            kept.remove(options);
          }
          return kept;
        });
  }

  @Test
  void poolerThatRefusesThemIsServedByStatements() throws Exception {
    served(parameters -> parameters.contains("options") ? List.of() : parameters);
  }

  @Test
  void poolerThatDoesNotReplicateIsRefusedWithTheKeyToSet() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Between pooler =
            new Between(
                database.server().port(),
                parameters ->
                    parameters.contains("options") || parameters.contains("replication")
                        ? List.of()
                        : parameters)) {
      Freshet.install(database, Freshet.configFor(database, Map.of()));
      Map<String, String> settings = Map.of("database.port", Integer.toString(pooler.port()));
      assertThatThrownBy(() -> Engine.open(Freshet.configFor(database, settings)))
          .isInstanceOf(FreshetException.class)
          .hasMessageContaining("is a connection pooler, such as PgBouncer: it does not replicate")
          .satisfies(
              e -> {
                assertThat(((FreshetException) e).kind()).isEqualTo(Kind.SERVER_NOT_READY);
                assertThat(((FreshetException) e).remedy())
                    .contains("database.direct-url: postgresql://HOST:5432");
              });
      database.execute("DROP PUBLICATION freshet"); // it is made with the rest below
      follows(
          database,
          Map.of(
              "database.port",
              Integer.toString(pooler.port()),
              "database.direct-url",
              "postgresql://127.0.0.1:" + database.server().port()));
    }
  }

  private static void served(UnaryOperator<List<String>> startup) throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Between pooler = new Between(database.server().port(), startup)) {
      follows(database, Map.of("database.port", Integer.toString(pooler.port())));
    }
  }

  /** Own timeouts in a graph are set and taken back; all sessions have what results depend on. */
  private static void follows(Database database, Map<String, String> settings) throws SQLException {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
    try (Freshet freshet = Freshet.on(database, settings, Alignment.BY_SNAPSHOT)) {
      freshet.create(
          "counts",
          "SELECT v, count(*) AS n FROM t GROUP BY v",
          Map.of("statement-timeout", "20s"));
      freshet.create("many", "SELECT v FROM counts WHERE n > 1");
      freshet.sql("INSERT INTO t SELECT i, i % 5 FROM generate_series(1, 20) i");
      freshet.follow("many");
      assertThat(freshet.engine().status().service().pooler())
          .contains("session pooling: refreshes and commands");
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
  }

  /** Passes everything on, but for what {@code startup} makes of the startup parameters. */
  private static final class Between implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    private final ServerSocket listening;
    private final int target;
    private final UnaryOperator<List<String>> startup;

    Between(int target, UnaryOperator<List<String>> startup) throws IOException {
      this.listening = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
      this.target = target;
      this.startup = startup;
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return listening.getLocalPort();
    }

    private void accept() {
      while (!listening.isClosed()) {
        try {
          Socket client = listening.accept();
          Thread.ofVirtual().start(() -> serve(client));
        } catch (IOException _) {
          return;
        }
      }
    }

    private void serve(Socket client) {
      try (client;
          Socket server = new Socket("127.0.0.1", target)) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        int length = in.readInt();
        int code = in.readInt();
        while (code == SSL_REQUEST || code == GSS_REQUEST) {
          client.getOutputStream().write('N');
          length = in.readInt();
          code = in.readInt();
        }
        byte[] text = in.readNBytes(length - 8);
        List<String> parameters =
            startup.apply(List.of(new String(text, StandardCharsets.UTF_8).split("\0")));
        if (parameters.isEmpty()) {
          refuse(client);
          return;
        }
        byte[] changed = (String.join("\0", parameters) + "\0\0").getBytes(StandardCharsets.UTF_8);
        DataOutputStream out = new DataOutputStream(server.getOutputStream());
        out.writeInt(changed.length + 8);
        out.writeInt(code);
        out.write(changed);
        Thread back =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        server.getInputStream().transferTo(client.getOutputStream());
                        client.close();
                      } catch (IOException _) {
                        // One side has gone.
                      }
                    });
        in.transferTo(out);
        server.close();
        back.join();
      } catch (IOException _) {
        // One side has gone.
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }

    /** As PgBouncer does. */
    private static void refuse(Socket client) throws IOException {
      byte[] fields =
          "SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
              .getBytes(StandardCharsets.UTF_8);
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      out.writeByte('E');
      out.writeInt(fields.length + 4);
      out.write(fields);
      out.flush();
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }
}
