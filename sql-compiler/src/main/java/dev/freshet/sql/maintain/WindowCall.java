package dev.freshet.sql.maintain;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.SortKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A call of a window function, taken apart.
 *
 * @param head the call before OVER
 * @param arguments of the call
 * @param frame the frame clause in single spaces; empty if there is none
 */
record WindowCall(
    String function,
    Scalar head,
    List<Scalar> arguments,
    List<Scalar> partition,
    List<SortKey> order,
    String frame) {

  /** What frames mean that begin with the partition and end with the row's peers. */
  private static final Set<String> UP_TO_PEERS =
      Set.of(
          "",
          "RANGE UNBOUNDED PRECEDING",
          "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
          "GROUPS UNBOUNDED PRECEDING",
          "GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW");

  /** The same up to the row itself. */
  private static final Set<String> UP_TO_ROW =
      Set.of("ROWS UNBOUNDED PRECEDING", "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW");

  private static final Set<String> DIRECTIONS = Set.of("ASC", "DESC", "NULLS", "USING");
  private static final Set<String> FRAMES = Set.of("ROWS", "RANGE", "GROUPS");

  WindowCall {
    arguments = List.copyOf(arguments);
    partition = List.copyOf(partition);
    order = List.copyOf(order);
  }

  /** The call, if it is one of PostgreSQL's own functions and is sorted by usual operators. */
  static Optional<WindowCall> of(Scalar sql) {
    var text = new ScalarText(sql);
    if (text.size() < 5 || !text.is(1, "(")) {
      return Optional.empty();
    }
    int close = text.closing(1);
    int over = close + 1;
    if (text.is(over, "FILTER")) {
      over = text.closing(over + 1) + 1;
    }
    int end = text.closing(over + 1);
    if (!text.is(over, "OVER") || !text.is(over + 1, "(") || end != text.size() - 1) {
      return Optional.empty();
    }
    int at = over + 2;
    List<Scalar> partition = List.of();
    if (text.is(at, "PARTITION")) {
      int stop = clause(text, at, end);
      partition = text.list(at + 2, stop);
      at = stop;
    }
    List<SortKey> order = new ArrayList<>();
    if (text.is(at, "ORDER")) {
      int stop = clause(text, at, end);
      for (int[] range : text.ranges(at + 2, stop)) {
        Optional<SortKey> key = key(text, range[0], range[1]);
        if (key.isEmpty()) {
          return Optional.empty();
        }
        order.add(key.get());
      }
      at = stop;
    }
    return Optional.of(
        new WindowCall(
            text.text(0),
            text.part(0, over),
            text.list(2, close),
            partition,
            order,
            at < end ? text.words(at, end) : ""));
  }

  /** The end of a clause: where the next one begins. */
  private static int clause(ScalarText text, int from, int end) {
    int at = from + 1;
    while (at < end) {
      boolean next = text.is(at, "ORDER") || FRAMES.stream().anyMatch(new Is(text, at)::word);
      if (next) {
        return at;
      }
      at = text.is(at, "(") || text.is(at, "[") ? text.closing(at) + 1 : at + 1;
    }
    return end;
  }

  private record Is(ScalarText text, int at) {
    boolean word(String word) {
      return text.is(at, word);
    }
  }

  private static Optional<SortKey> key(ScalarText text, int from, int to) {
    int end = from + 1;
    while (end < to && DIRECTIONS.stream().noneMatch(new Is(text, end)::word)) {
      end = text.is(end, "(") || text.is(end, "[") ? text.closing(end) + 1 : end + 1;
    }
    if (text.is(from, "(")) {
      end = Math.max(end, text.closing(from) + 1);
    }
    String direction = end < to ? text.words(end, to) : "";
    boolean descending = direction.startsWith("DESC");
    boolean nullsFirst = direction.contains("NULLS") ? direction.endsWith("FIRST") : descending;
    return direction.startsWith("USING")
        ? Optional.empty()
        : Optional.of(new SortKey(text.part(from, end), descending, nullsFirst));
  }

  boolean endsWithPeers() {
    return UP_TO_PEERS.contains(frame);
  }

  boolean endsWithRow() {
    return UP_TO_ROW.contains(frame);
  }

  boolean runs() {
    return endsWithPeers() || endsWithRow();
  }

  /** How many rows away lag and lead look; empty if the query computes it. */
  OptionalInt distance() {
    if (arguments.size() < 2) {
      return OptionalInt.of(1);
    }
    String text = arguments.get(1).toString().strip();
    return text.matches("[0-9]{1,4}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  /** The same call over parts of the partitions, told apart by one more column. */
  Scalar within(ColumnRef column) {
    var all = new ArrayList<>(partition);
    all.add(Scalar.column(column));
    return over(head, all, order, frame);
  }

  /**
   * A call that has no use for its frame, as lag, over whole partitions, sorted by one more column
   * first; a RANGE frame allows of one column only.
   */
  Scalar behind(ColumnRef column) {
    var all = new ArrayList<SortKey>();
    all.add(new SortKey(Scalar.column(column), false, false));
    all.addAll(order);
    return over(head, partition, all, "");
  }

  /** Another call over the same rows in the same order, up to each row's peers. */
  Scalar running(Scalar otherHead) {
    return over(otherHead, partition, order, "");
  }

  private static Scalar over(Scalar call, List<Scalar> by, List<SortKey> order, String rows) {
    return Scalar.of(
        call,
        " OVER (",
        by.isEmpty() ? Scalar.of("") : Scalar.of("PARTITION BY ", Scalar.join(", ", by, ""), " "),
        "ORDER BY ",
        Scalar.join(", ", order.stream().map(SortKey::sql).toList(), ""),
        rows.isEmpty() ? "" : " " + rows,
        ")");
  }
}
