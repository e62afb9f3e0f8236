package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.config.CostModel;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.refresh.Opening.Marker;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.sql.DataSource;

/** How far the change source has received the log, whether to wait for it, and the wait. */
final class Reception {
  /** How long the decoder may take to reach a marker before the refresh gives up and is retried. */
  private static final Duration BARRIER_TIMEOUT = Duration.ofSeconds(30);

  /** Log that the decoder works off per millisecond, when guessing how long a backlog takes. */
  private static final double DECODED_BYTES_PER_MILLI = 30_000;

  private final ChangeSource source;
  private final Barrier barrier;

  Reception(ChangeSource source, DataSource connections, Capture capture) {
    this.source = source;
    this.barrier = new Barrier(source, connections, capture.marking());
  }

  /** The marker to send along with a snapshot; empty if nothing has to be waited for. */
  Optional<Marker> marker() {
    return barrier.isNeeded()
        ? Optional.of(new Marker(barrier.newToken(), source.received()))
        : Optional.empty();
  }

  /** Waits until all that {@code cut} sees was received. */
  void reach(Optional<Marker> marker, Cut cut) throws SQLException, InterruptedException {
    if (marker.isPresent()
        && cut.mustWait()
        && !barrier.await(marker.get().token(), BARRIER_TIMEOUT)) {
      throw unreached(cut);
    }
  }

  /**
   * Why not to wait for the decoder: it is so far behind that evaluating the queries is sooner. A
   * full refresh needs no delta, and what is decoded later is recognised as done.
   *
   * @param tables that take a delta from the log, in mode auto
   */
  Optional<String> tooFarBehind(Cut cut, List<Maintained> tables) {
    if (!barrier.isNeeded()) {
      return Optional.empty();
    }
    double full = 0;
    for (Maintained table : tables) {
      OptionalDouble own = table.costs().full();
      if (own.isEmpty() || table.settings().cost() != CostModel.AUTO) {
        return Optional.empty();
      }
      full += own.getAsDouble();
    }
    long behind = cut.lsn().bytesSince(source.received());
    double wait = behind / DECODED_BYTES_PER_MILLI;
    return !tables.isEmpty() && wait > 2 * full
        ? Optional.of(
            "the decoder is %,d bytes behind, about %.0f ms; expected %.1f ms full"
                .formatted(behind, wait, full))
        : Optional.empty();
  }

  private FreshetException unreached(Cut cut) {
    return FreshetException.of(
        Kind.TIMEOUT,
        switch (source.state()) {
          case ChangeSource.State.Streaming _ ->
              "the change stream did not reach %s within %d s; it stands at %s"
                  .formatted(cut.lsn(), BARRIER_TIMEOUT.toSeconds(), source.received());
          case ChangeSource.State.Reconnecting(var cause, _) ->
              "the change stream was interrupted: " + cause;
          case ChangeSource.State.Failed(var cause, _, _) ->
              "the change stream has failed: " + cause;
          case ChangeSource.State.Stopped _ -> "the engine is stopping";
        },
        "the refresh is retried; freshet doctor shows the state of the slot");
  }
}
