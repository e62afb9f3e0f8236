package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.delta.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The changed sources of one refresh: what each delta was asked for, and where it is found.
 *
 * @param observer hears of each tree that becomes part of the refresh
 */
public record Changes(Map<Integer, Changed> bySource, Consumer<Reading> observer) {

  /** Changes that nobody watches. */
  public Changes(Map<Integer, Changed> bySource) {
    this(bySource, _ -> {});
  }

  /**
   * One changed source.
   *
   * @param ordinal of the source among the query's needs, from 1: it names the delta's CTE
   */
  public record Changed(int ordinal, DeltaNeed need, DeltaBinding binding) {
    public DeltaBinding.Form form() {
      return binding.form();
    }
  }

  public Changes {
    bySource = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(bySource));
  }

  public Set<Integer> oids() {
    return bySource.keySet();
  }

  Changed of(int oid) {
    Changed changed = bySource.get(oid);
    if (changed == null) {
      throw new IllegalArgumentException("source " + oid + " did not change");
    }
    return changed;
  }

  /** A column of a delta relation as {@link DeltaNeed} orders them. */
  public record RelationColumn(String name, String type, boolean array) {
    String quoted() {
      return quote(name);
    }

    /** Types outside pg_catalog are the ones that are printed with their schema. */
    boolean mayBeComposite() {
      return type.contains(".") && !type.startsWith("pg_catalog.");
    }
  }

  /** The array element's type, without the length limits that a cast would apply once more. */
  static String elementType(ColumnType type) {
    if (type.oid() >= 16384) {
      return type.name();
    }
    return switch (type.base()) {
      case "bit", "char", "varbit" -> "pg_catalog." + quote(type.base());
      default -> type.base();
    };
  }

  static List<String> names(List<RelationColumn> columns) {
    return columns.stream().map(RelationColumn::name).toList();
  }
}
