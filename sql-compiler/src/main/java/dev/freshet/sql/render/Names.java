package dev.freshet.sql.render;

import dev.freshet.sql.tree.ColumnRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Quoted identifiers in texts that the renderer made. */
final class Names {
  private static final String QUOTED = "\"(?:[^\"]++|\"\")++\"";
  private static final Pattern NAME = Pattern.compile(QUOTED + "(?:\\." + QUOTED + ")*+");
  private static final Pattern COLUMN = Pattern.compile(QUOTED + "\\." + QUOTED);

  private Names() {}

  /** The columns in a text: {@code "relation"."column"}. */
  static Set<String> columnsIn(String text) {
    return COLUMN.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
  }

  /** Whether a text is nothing but a name, whose parts are quoted. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Column names that differ, in this order. */
  static List<String> distinct(List<ColumnRef> columns) {
    Set<String> used = new HashSet<>();
    var names = new ArrayList<String>();
    for (ColumnRef ref : columns) {
      String name = ref.column();
      for (int suffix = 2; !used.add(name); suffix++) {
        name = ref.column() + "_" + suffix;
      }
      names.add(name);
    }
    return names;
  }
}
