package dev.freshet.engine.refresh;

/**
 * How changes reach the decoder.
 *
 * @param publication that lists the sources
 * @param slot that the changes are read from
 * @param emitsFlushed whether the server's {@code pg_logical_emit_message} can flush (17 and later)
 */
public record Capture(String publication, String slot, boolean emitsFlushed) {}
