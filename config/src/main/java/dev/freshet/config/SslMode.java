package dev.freshet.config;

/** How the connection is encrypted and whom it trusts, as libpq's {@code sslmode}. */
public enum SslMode implements Choice {
  DISABLE,
  /** Encrypted where the server offers it. */
  PREFER,
  /** Encrypted, without checking who the server is. */
  REQUIRE,
  /** The server's certificate is signed by a trusted authority. */
  VERIFY_CA,
  /** And names the host that we connect to. */
  VERIFY_FULL
}
