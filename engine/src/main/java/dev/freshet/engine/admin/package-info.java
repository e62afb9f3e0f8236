/**
 * What a running engine tells to machines, on a local HTTP port: {@code /metrics} for Prometheus
 * (text exposition format 1.0.0), {@code /health} for load balancers and orchestrators, {@code
 * /status} for programs.
 *
 * <p>Unauthenticated and read-only: the port is bound to 127.0.0.1 unless configured otherwise.
 */
@NullMarked
package dev.freshet.engine.admin;

import org.jspecify.annotations.NullMarked;
