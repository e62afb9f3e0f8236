package dev.freshet.cdc.pgoutput;

/** Bytes that are not a pgoutput message of protocol version 1. */
public final class MalformedMessageException extends RuntimeException {
  public MalformedMessageException(String message) {
    super(message);
  }
}
