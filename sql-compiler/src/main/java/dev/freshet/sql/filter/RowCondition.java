package dev.freshet.sql.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A condition over one row of a source, in SQL's three-valued logic. What is not known of it is
 * {@link Unknown}, which may be true, false or NULL.
 */
public sealed interface RowCondition {
  /** Nothing is known: every row may count. */
  RowCondition UNKNOWN = new Unknown();

  /** Any value. */
  record Unknown() implements RowCondition {
    @Override
    public String toString() {
      return "?";
    }
  }

  /** {@code true} or {@code false}. */
  record Literal(boolean value) implements RowCondition {
    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /** AND. */
  record All(List<RowCondition> parts) implements RowCondition {
    public All {
      parts = List.copyOf(parts);
    }

    @Override
    public String toString() {
      return joined(parts, " AND ");
    }
  }

  /** OR. */
  record Any(List<RowCondition> parts) implements RowCondition {
    public Any {
      parts = List.copyOf(parts);
    }

    @Override
    public String toString() {
      return listed().orElseGet(() -> joined(parts, " OR "));
    }

    /** As IN, if it is that. */
    private Optional<String> listed() {
      List<String> items = new ArrayList<>();
      for (RowCondition part : parts) {
        if (part instanceof Comparison(var column, var comparator, Operand.Constant item)
            && comparator == Comparator.EQUAL
            && parts.getFirst() instanceof Comparison(var first, _, _)
            && first.equals(column)) {
          items.add(item.toString());
        }
      }
      return items.size() == parts.size()
          ? Optional.of(
              ((Comparison) parts.getFirst()).left() + " IN (" + String.join(", ", items) + ")")
          : Optional.empty();
    }
  }

  /** NOT. */
  record Not(RowCondition part) implements RowCondition {
    @Override
    public String toString() {
      return "NOT (" + part + ")";
    }
  }

  /** A comparison. */
  record Comparison(Operand.Column left, Comparator comparator, Operand right)
      implements RowCondition {
    @Override
    public String toString() {
      return left + " " + comparator + " " + right;
    }
  }

  /** LIKE with a pattern that is a beginning. */
  record Prefix(Operand.Column column, Operand.Constant beginning) implements RowCondition {
    @Override
    public String toString() {
      return column + " LIKE " + beginning;
    }
  }

  /** A column of type boolean. */
  record Flag(Operand.Column column) implements RowCondition {
    @Override
    public String toString() {
      return column.toString();
    }
  }

  /** IS NULL. */
  record IsNull(Operand.Column column) implements RowCondition {
    @Override
    public String toString() {
      return column + " IS NULL";
    }
  }

  /** The operators that every type with an order has. */
  enum Comparator {
    EQUAL("="),
    UNEQUAL("<>"),
    LESS("<"),
    AT_MOST("<="),
    GREATER(">"),
    AT_LEAST(">=");

    private final String symbol;

    Comparator(String symbol) {
      this.symbol = symbol;
    }

    /** Whether it holds of two values whose comparison gave {@code order}. */
    boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case UNEQUAL -> order != 0;
        case LESS -> order < 0;
        case AT_MOST -> order <= 0;
        case GREATER -> order > 0;
        case AT_LEAST -> order >= 0;
      };
    }

    /** The same with the sides exchanged. */
    Comparator mirrored() {
      return switch (this) {
        case EQUAL, UNEQUAL -> this;
        case LESS -> GREATER;
        case AT_MOST -> AT_LEAST;
        case GREATER -> LESS;
        case AT_LEAST -> AT_MOST;
      };
    }

    boolean needsOrder() {
      return this != EQUAL && this != UNEQUAL;
    }

    @Override
    public String toString() {
      return symbol;
    }
  }

  /** AND, for what must be true: what is not known excludes nothing. */
  static RowCondition all(List<RowCondition> parts) {
    List<RowCondition> known =
        parts.stream()
            .flatMap(p -> p instanceof All(var inner) ? inner.stream() : List.of(p).stream())
            .filter(p -> !(p instanceof Unknown))
            .distinct()
            .toList();
    return known.isEmpty() ? UNKNOWN : known.size() == 1 ? known.getFirst() : new All(known);
  }

  /** OR: if one part may always be true, nothing is excluded. */
  static RowCondition any(List<RowCondition> parts) {
    List<RowCondition> known =
        parts.stream()
            .flatMap(p -> p instanceof Any(var inner) ? inner.stream() : List.of(p).stream())
            .distinct()
            .toList();
    return known.isEmpty() || known.contains(UNKNOWN)
        ? UNKNOWN
        : known.size() == 1 ? known.getFirst() : new Any(known);
  }

  /** The condition as far as it may decide whether a row counts: what cannot is left out. */
  static RowCondition decisive(RowCondition condition) {
    return switch (condition) {
      case All(var parts) -> all(parts.stream().map(RowCondition::decisive).toList());
      case Any(var parts) -> any(parts.stream().map(RowCondition::decisive).toList());
      case Not(Unknown _) -> UNKNOWN;
      case Literal(boolean value) -> value ? UNKNOWN : condition;
      case Not _, Unknown _, Comparison _, Prefix _, Flag _, IsNull _ -> condition;
    };
  }

  /** The names of the columns that it reads. */
  static Set<String> columns(RowCondition condition) {
    Set<String> names = new TreeSet<>();
    collect(condition, names);
    return names;
  }

  /** How many comparisons it has. */
  static int comparisons(RowCondition condition) {
    return switch (condition) {
      case All(var parts) -> parts.stream().mapToInt(RowCondition::comparisons).sum();
      case Any(var parts) -> parts.stream().mapToInt(RowCondition::comparisons).sum();
      case Not(RowCondition part) -> comparisons(part);
      case Comparison _, Prefix _, Flag _, IsNull _ -> 1;
      case Literal _, Unknown _ -> 0;
    };
  }

  private static void collect(RowCondition condition, Set<String> names) {
    switch (condition) {
      case All(var parts) -> parts.forEach(part -> collect(part, names));
      case Any(var parts) -> parts.forEach(part -> collect(part, names));
      case Not(RowCondition part) -> collect(part, names);
      case Comparison(var left, _, var right) -> {
        names.add(left.name());
        if (right instanceof Operand.Column(String name, _)) {
          names.add(name);
        }
      }
      case Prefix(var column, _) -> names.add(column.name());
      case Flag(var column) -> names.add(column.name());
      case IsNull(var column) -> names.add(column.name());
      case Literal _, Unknown _ -> {}
    }
  }

  private static boolean isAlternative(RowCondition condition) {
    return condition instanceof Any any && any.listed().isEmpty();
  }

  private static String joined(List<RowCondition> parts, String connective) {
    return parts.stream()
        .map(p -> p instanceof All || isAlternative(p) ? "(" + p + ")" : p.toString())
        .collect(Collectors.joining(connective));
  }
}
