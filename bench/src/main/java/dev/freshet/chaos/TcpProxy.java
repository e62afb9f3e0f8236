package dev.freshet.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * The network between the engine and the server: it passes bytes on, until it is told to be slow,
 * to cut every connection, or to let them go silent, as a firewall does that has forgotten them.
 */
final class TcpProxy implements AutoCloseable {
  private static final int CHUNK_BYTES = 16 << 10;

  private final ServerSocket listening;
  private final IntSupplier serverPort;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;
  private volatile Duration delay = Duration.ZERO;

  private TcpProxy(ServerSocket listening, IntSupplier serverPort) {
    this.listening = listening;
    this.serverPort = serverPort;
  }

  /** Listens on a free port of this machine and connects to {@code serverPort} on it. */
  static TcpProxy start(IntSupplier serverPort) {
    try {
      ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      TcpProxy proxy = new TcpProxy(socket, serverPort);
      Thread.ofVirtual().name("proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen", e);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Breaks every connection and refuses new ones, until {@link #mend}. */
  void cut() {
    refusing = true;
    links.forEach(Link::close);
  }

  /** Holds every piece of data back for {@code each}, in both directions. */
  void delay(Duration each) {
    delay = each;
  }

  /**
   * From now on nothing passes on the connections that there are, and neither side is told; new
   * ones work.
   *
   * @param serverNotices whether the server's side is closed in order
   */
  void silence(boolean serverNotices) {
    links.forEach(link -> link.silence(serverNotices));
  }

  /** Accepts and passes on as at the start. What was broken stays broken. */
  void mend() {
    refusing = false;
    delay = Duration.ZERO;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        if (refusing) {
          client.close();
        } else {
          Thread.ofVirtual().start(() -> connect(client));
        }
      } catch (IOException _) {
        // Closed, or a client that is gone again.
      }
    }
  }

  private void connect(Socket client) {
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort.getAsInt());
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Link link = new Link(client, server);
      links.add(link);
      Thread.ofVirtual().start(() -> link.pump(client, server));
      Thread.ofVirtual().start(() -> link.pump(server, client));
      if (refusing) {
        link.close();
      }
    } catch (IOException _) {
      closeQuietly(client); // As the server itself would refuse.
    }
  }

  /** One connection of the engine. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private volatile boolean silent;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void pump(Socket from, Socket to) {
      byte[] chunk = new byte[CHUNK_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
          Duration held = delay;
          if (!held.isZero()) {
            LockSupport.parkNanos(held.toNanos());
          }
          if (!silent) {
            out.write(chunk, 0, read);
          }
        }
      } catch (IOException _) {
        // One side is gone: so is the other, below.
      }
      if (!silent) {
        close();
      } else if (from.equals(client)) {
        close(); // The engine has given it up.
      }
    }

    void silence(boolean serverNotices) {
      silent = true;
      if (serverNotices) {
        closeQuietly(server);
      }
    }

    void close() {
      links.remove(this);
      closeQuietly(client);
      closeQuietly(server);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // It is of no use any more.
    }
  }

  @Override
  public void close() {
    cut();
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop listening", e);
    }
  }
}
