package dev.freshet.bench.decode;

import dev.freshet.bench.server.BenchDatabase;
import java.util.Optional;

/** Something that reads a slot to the end of a backlog. */
sealed interface Reader permits BufferReader, RecvlogicalReader, RawReader {
  /** Its name in tables and JSON. */
  String label();

  /**
   * Reads everything.
   *
   * @throws Exception whatever went wrong; a benchmark does not go on without a contender
   */
  Reading read(BenchDatabase database, String slot, Backlog backlog) throws Exception;

  /**
   * One reading.
   *
   * @param receivedSeconds until the last change had been received
   * @param totalSeconds until the reader had done all it does with them
   * @param fault what is wrong with what it got, if it looks at it
   */
  record Reading(double receivedSeconds, double totalSeconds, Optional<String> fault) {}
}
