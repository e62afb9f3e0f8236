package dev.freshet.engine.refresh;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * What an {@link Opening} finds of the sources besides their rows, and what it means that it is not
 * what it was: {@code source_files} in the catalog.
 *
 * <pre>
 * state  := item ("," item)*
 * item   := oid [" unlogged"] ":" file node  a table or a partition; another node is other rows
 *         | word "/" …                       what the query was compiled from
 *         | "labels=" hash ("+" hash)*       the labels of an enum, in order
 *         | "gone"                           no such table
 * </pre>
 */
record SourceState(List<String> items) {
  static final String LABELS = "labels=";

  /** From what a stream table was refreshed with to what is there now. */
  enum Change {
    NONE,
    /** Rows may differ without any row event; the compiled query still holds. */
    REWRITTEN,
    /** The query has to be analysed again. */
    REDEFINED
  }

  static SourceState of(String text) {
    return new SourceState(List.of(text.split(",", -1)));
  }

  static Change between(String before, String now) {
    if (before.equals(now)) {
      return Change.NONE;
    }
    SourceState old = of(before);
    SourceState next = of(now);
    if (!old.identities().equals(next.identities())) {
      return Change.REDEFINED;
    }
    return next.onlyAddsLabelsTo(old) ? Change.NONE : Change.REWRITTEN;
  }

  /** The items without what a rewrite changes. */
  private List<String> identities() {
    return items.stream()
        .filter(item -> item.contains(":") || item.contains("/") || item.equals("gone"))
        .map(item -> item.replaceFirst(":.*", ""))
        .toList();
  }

  /** A new label changes neither the text nor the order of those that rows have. */
  private boolean onlyAddsLabelsTo(SourceState old) {
    if (items.size() != old.items.size()) {
      return false;
    }
    for (int i = 0; i < items.size(); i++) {
      String item = items.get(i);
      String before = old.items.get(i);
      boolean same =
          item.equals(before)
              || (item.startsWith(LABELS)
                  && before.startsWith(LABELS)
                  && isSubsequence(labels(before), labels(item)));
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static List<String> labels(String item) {
    return Arrays.asList(item.substring(LABELS.length()).split("\\+", -1));
  }

  private static boolean isSubsequence(List<String> part, List<String> whole) {
    Iterator<String> rest = whole.iterator();
    for (String wanted : part) {
      boolean found = false;
      while (!found && rest.hasNext()) {
        found = rest.next().equals(wanted);
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }
}
