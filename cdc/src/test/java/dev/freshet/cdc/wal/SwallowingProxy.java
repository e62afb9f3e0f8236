package dev.freshet.cdc.wal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A way to a server that can go dead: what is sent on a connection then vanishes, both ways, and
 * the connection stays open. Or it hangs up. Connections made afterwards work.
 */
public final class SwallowingProxy implements AutoCloseable {
  private final ServerSocket listening;
  private final int target;
  private final Set<Way> ways = ConcurrentHashMap.newKeySet();

  private static final class Way {
    private final Socket client;
    private final Socket server;
    private volatile boolean dead;

    Way(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void carry(Socket from, Socket to) {
      byte[] buffer = new byte[8192];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (!dead) {
            out.write(buffer, 0, read);
          }
        }
        if (!dead) {
          close();
        }
      } catch (IOException _) {
        dead = true;
      }
    }

    /** Not even the end of one side comes through a dead way: only this ends it. */
    private void close() throws IOException {
      client.close();
      server.close();
    }
  }

  /** In front of the server that listens on {@code port} of this machine. */
  public SwallowingProxy(int port) throws IOException {
    target = port;
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Way way = new Way(client, new Socket(InetAddress.getLoopbackAddress(), target));
        ways.add(way);
        Thread.ofVirtual().start(() -> way.carry(way.client, way.server));
        Thread.ofVirtual().start(() -> way.carry(way.server, way.client));
      } catch (IOException _) {
        return;
      }
    }
  }

  /** Swallows all that is sent from now on over the connections that there are. */
  public void swallow() {
    ways.forEach(way -> way.dead = true);
  }

  /** Closes the connections that there are, as a pooler does that is stopped: without a word. */
  public void hangUp() throws IOException {
    for (Way way : ways) {
      way.close();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    hangUp();
  }
}
