package dev.freshet.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS of the connections to the server. What is empty is left to the driver, which looks in {@code
 * ~/.postgresql}.
 *
 * @param rootCert certificates of the authorities to trust, PEM
 * @param cert the client's certificate, PEM
 * @param key the client's private key, PKCS-8 DER or PKCS-12
 */
public record SslConfig(
    SslMode mode, Optional<Path> rootCert, Optional<Path> cert, Optional<Path> key) {}
