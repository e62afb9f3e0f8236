package dev.freshet.cdc.wal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;
import org.postgresql.PGProperty;

/**
 * Sockets that know when something was last heard from the other end, and that notice within half a
 * minute if it is gone while nothing is under way.
 *
 * <p>The driver hides the server's keepalives from its caller, so a connection on which nothing can
 * arrive any more looks like a quiet one: a firewall that forgot it, a machine that was cut off.
 * TCP itself would notice after a quarter of an hour. A server that is asked for an answer and
 * sends <em>nothing</em>, not even that, is gone.
 *
 * <p>Made by the driver, which is given the name of this class ({@code socketFactory}).
 */
public final class HeardSockets extends SocketFactory {
  private static final int KEEPALIVE_IDLE_SECONDS = 10;
  private static final int KEEPALIVE_INTERVAL_SECONDS = 5;
  private static final int KEEPALIVE_COUNT = 4;

  /** Those that the driver is about to make sockets for. */
  private static final Map<String, Heard> EXPECTED = new ConcurrentHashMap<>();

  private static final Map<Connection, Heard> OF_CONNECTIONS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final Heard heard;

  /** Called by the driver. */
  public HeardSockets(Properties properties) {
    String name = PGProperty.SOCKET_FACTORY_ARG.getOrDefault(properties);
    this.heard = name == null ? new Heard() : EXPECTED.getOrDefault(name, new Heard());
  }

  /** When the other end was last heard. */
  static final class Heard {
    private volatile long lastNanos = System.nanoTime();
    private volatile boolean ended;

    long silentNanos() {
      return System.nanoTime() - lastNanos;
    }

    /** Whether the other end has closed the connection and everything from it was read. */
    boolean hasEnded() {
      return ended;
    }

    private int read(int result) {
      lastNanos = System.nanoTime();
      ended |= result < 0;
      return result;
    }
  }

  /** Makes connections that use such sockets. */
  interface Opener {
    Connection open(Properties properties) throws SQLException;
  }

  /** Opens a connection of which {@link #on} can tell. */
  static Connection open(Properties properties, Opener opener) throws SQLException {
    String name = UUID.randomUUID().toString();
    Heard heard = new Heard();
    Properties own = use(properties);
    PGProperty.SOCKET_FACTORY_ARG.set(own, name);
    EXPECTED.put(name, heard);
    try {
      Connection connection = opener.open(own);
      OF_CONNECTIONS.put(connection, heard);
      return connection;
    } finally {
      EXPECTED.remove(name);
    }
  }

  /** The same properties, so that the driver takes its sockets from here. */
  public static Properties use(Properties properties) {
    Properties own = new Properties();
    properties.forEach(own::put);
    PGProperty.SOCKET_FACTORY.set(own, HeardSockets.class.getName());
    PGProperty.TCP_KEEP_ALIVE.set(own, true);
    return own;
  }

  /** When something was last heard on a connection; empty if it was opened in another way. */
  static Optional<Heard> on(Connection connection) {
    return Optional.ofNullable(OF_CONNECTIONS.get(connection));
  }

  private final class HeardSocket extends Socket {
    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          return heard.read(super.read());
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
          int read = super.read(buffer, offset, length);
          return length == 0 ? read : heard.read(read);
        }
      };
    }
  }

  @Override
  public Socket createSocket() throws IOException {
    Socket socket = new HeardSocket();
    try {
      socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_COUNT);
    } catch (UnsupportedOperationException _) {
      // The operating system's own times count, then.
      return socket;
    }
    return socket;
  }

  // The driver creates a socket and connects it; the others are there for the contract.

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw unconnected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw unconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unconnected();
  }

  private static SocketException unconnected() {
    return new SocketException("these sockets are connected by the driver");
  }
}
