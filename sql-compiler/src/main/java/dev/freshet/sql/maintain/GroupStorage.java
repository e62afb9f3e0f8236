package dev.freshet.sql.maintain;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.maintain.Slice.HiddenColumn;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where a grouped slice keeps its columns: group columns and aggregate states that the query
 * selects as they are have their own columns already, the others get hidden ones.
 */
final class GroupStorage {
  private final SliceRows rows;
  private final List<Named> columns = new ArrayList<>();
  private final List<HiddenColumn> hidden = new ArrayList<>();
  private final Map<ColumnRef, String> places = new LinkedHashMap<>();
  private final List<KeyColumn> key = new ArrayList<>();
  private final List<String> identity = new ArrayList<>();

  /**
   * @param outputs the visible columns' values over groups and states
   */
  GroupStorage(SliceRows rows, List<Scalar> outputs) {
    this.rows = rows;
    for (int i = 0; i < outputs.size(); i++) {
      String name = rows.columns().get(i).name();
      columns.add(new Named(new ColumnRef("", name), outputs.get(i)));
      outputs.get(i).asColumn().ifPresent(ref -> places.putIfAbsent(ref, name));
    }
  }

  void addGroup(Named group, Typed typed) {
    String place = place(group.as(), "k", typed.type(), "group by " + group.value());
    key.add(new KeyColumn(place, typed.type(), typed.notNull()));
    boolean invisible = place.startsWith("__freshet_");
    identity.add(group.value() + (invisible ? " (hidden)" : ""));
  }

  void addState(ColumnRef ref, ColumnType type, String meaning) {
    place(ref, "a", type, meaning);
  }

  private String place(ColumnRef ref, String letter, ColumnType type, String meaning) {
    return places.computeIfAbsent(
        ref,
        _ -> {
          String name = rows.prefix() + letter + (hidden.size() + 1);
          columns.add(new Named(new ColumnRef("", name), Scalar.column(ref)));
          hidden.add(new HiddenColumn(name, type.name(), meaning));
          return name;
        });
  }

  /** The table's column that holds a group column or a state. */
  String place(ColumnRef ref) {
    String name = places.get(ref);
    if (name == null) {
      throw new IllegalStateException(ref + " is not stored");
    }
    return name;
  }

  /** All columns of the slice, their values over groups and states. */
  List<Named> columns() {
    return List.copyOf(columns);
  }

  List<String> names() {
    return columns.stream().map(c -> c.as().column()).toList();
  }

  List<HiddenColumn> hidden() {
    return List.copyOf(hidden);
  }

  /** How a group is found. */
  RowMatch match() {
    return new RowMatch(key);
  }

  String rowIdentity() {
    return identity.isEmpty()
        ? "one row"
        : identity.stream().collect(Collectors.joining(", ", "group ", ""));
  }
}
