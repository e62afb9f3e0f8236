package dev.freshet.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The network that a run harms, with a server that answers each byte by the next. */
class TcpProxyTest {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int SILENT_MILLIS = 100;

  private ServerSocket server;
  private TcpProxy proxy;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
    proxy = TcpProxy.start(server::getLocalPort);
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> answer(client));
      } catch (IOException _) {
        return;
      }
    }
  }

  private static void answer(Socket client) {
    try (client) {
      for (int read = client.getInputStream().read();
          read >= 0;
          read = client.getInputStream().read()) {
        client.getOutputStream().write(read + 1);
      }
    } catch (IOException _) {
      // Cut.
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static int ask(Socket socket, int question) throws IOException {
    socket.getOutputStream().write(question);
    return socket.getInputStream().read();
  }

  @Test
  void passesOnInBothDirections() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, 1)).isEqualTo(2);
      assertThat(ask(client, 7)).isEqualTo(8);
    }
  }

  @Test
  void cutConnectionsEndAndNewOnesAreRefusedUntilMended() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, 1)).isEqualTo(2);
      proxy.cut();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      try (Socket refused = connect()) {
        assertThat(refused.getInputStream().read()).isEqualTo(-1);
      }
      proxy.mend();
      try (Socket again = connect()) {
        assertThat(ask(again, 3)).isEqualTo(4);
      }
    }
  }

  @Test
  void silentConnectionStaysSilentAndNewOnesWork() throws IOException {
    for (boolean serverNotices : new boolean[] {true, false}) {
      try (Socket client = connect()) {
        assertThat(ask(client, 1)).isEqualTo(2);
        proxy.silence(serverNotices);
        client.setSoTimeout(SILENT_MILLIS);
        assertThatThrownBy(() -> ask(client, 1)).isInstanceOf(SocketTimeoutException.class);
        try (Socket other = connect()) {
          assertThat(ask(other, 5)).isEqualTo(6);
        }
      }
    }
  }

  @Test
  void delayedBytesArriveLater() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, 1)).isEqualTo(2);
      proxy.delay(Duration.ofMillis(60));
      long before = System.nanoTime();
      assertThat(ask(client, 1)).isEqualTo(2);
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isGreaterThanOrEqualTo(Duration.ofMillis(120));
    }
  }
}
