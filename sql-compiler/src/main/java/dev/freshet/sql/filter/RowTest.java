package dev.freshet.sql.filter;

import dev.freshet.sql.filter.Operand.Column;
import dev.freshet.sql.filter.Operand.Constant;
import dev.freshet.sql.filter.RowCondition.Comparator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A {@link RowCondition} with its columns found in rows of one shape.
 *
 * <p>Three-valued logic with values that are not known needs only two questions, which are dual to
 * each other, and neither asks for NULL:
 *
 * <pre>
 * a ∧ b may be true  ⟺ both may be true       a ∧ b may be false ⟺ one of them may be
 * a ∨ b may be true  ⟺ one of them may be     a ∨ b may be false ⟺ both may be
 * ¬a    may be true  ⟺ a may be false         ¬a    may be false ⟺ a may be true
 * </pre>
 */
public sealed interface RowTest {
  /** Length of a value that is NULL. */
  int NULL = -1;

  /** Length of a value that is not known, or not in send format. */
  int ABSENT = -2;

  /**
   * Whether the condition may have this truth value.
   *
   * @param bytes where the values are, in send format
   * @param starts by column, the offset of the value's first byte
   * @param lengths by column, in bytes, or {@link #NULL} or {@link #ABSENT}
   */
  boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths);

  /**
   * The condition over rows with these columns.
   *
   * @param columns names, in the order of the row's values
   * @param typeOids of the values in the rows; what has another type than the condition was made
   *     for is not known
   */
  static RowTest of(RowCondition condition, List<String> columns, int[] typeOids) {
    return new Binding(columns, typeOids).bound(condition);
  }

  /** Any value. */
  record Open() implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      return true;
    }
  }

  /** One value; empty for NULL. */
  record Fixed(Optional<Boolean> truth) implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      return truth.isPresent() && truth.get() == value;
    }
  }

  /** ∧ if {@code all}, else ∨. */
  record Connected(boolean all, RowTest[] parts) implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      boolean every = all == value;
      for (RowTest part : parts) {
        if (part.mayBe(value, bytes, starts, lengths) != every) {
          return !every;
        }
      }
      return every;
    }
  }

  /** ¬. */
  record Negated(RowTest part) implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      return part.mayBe(!value, bytes, starts, lengths);
    }
  }

  /** A column beside a constant that is not NULL. */
  record WithConstant(int column, Comparator comparator, byte[] constant, ValueOrder order)
      implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      int length = lengths[column];
      return length < 0
          ? length == ABSENT
          : comparator.holds(
                  order.compare(bytes, starts[column], length, constant, 0, constant.length))
              == value;
    }
  }

  /** Two columns. */
  record WithColumn(int column, Comparator comparator, int other, ValueOrder order)
      implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      int length = lengths[column];
      int otherLength = lengths[other];
      if (length == NULL || otherLength == NULL) {
        return false;
      }
      return length == ABSENT
          || otherLength == ABSENT
          || comparator.holds(
                  order.compare(bytes, starts[column], length, bytes, starts[other], otherLength))
              == value;
    }
  }

  /** A beginning. */
  record Begins(int column, byte[] beginning) implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      int length = lengths[column];
      if (length < 0) {
        return length == ABSENT;
      }
      int at = starts[column];
      boolean begins =
          length >= beginning.length
              && Arrays.equals(bytes, at, at + beginning.length, beginning, 0, beginning.length);
      return begins == value;
    }
  }

  /** A boolean column. */
  record FlagOf(int column) implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      int length = lengths[column];
      return length < 0 ? length == ABSENT : bytes[starts[column]] != 0 == value;
    }
  }

  /** IS NULL; a value in another format, too, is not NULL, but that is not told. */
  record NullTest(int column) implements RowTest {
    @Override
    public boolean mayBe(boolean value, byte[] bytes, int[] starts, int[] lengths) {
      return lengths[column] == ABSENT || lengths[column] == NULL == value;
    }
  }

  /** Finds columns. */
  record Binding(List<String> columns, int[] typeOids) {
    private RowTest bound(RowCondition condition) {
      return switch (condition) {
        case RowCondition.Unknown _ -> new Open();
        case RowCondition.Literal(boolean value) -> new Fixed(Optional.of(value));
        case RowCondition.All(var parts) -> new Connected(true, bound(parts));
        case RowCondition.Any(var parts) -> new Connected(false, bound(parts));
        case RowCondition.Not(var part) -> new Negated(bound(part));
        case RowCondition.Flag(var column) ->
            isThere(column) ? new FlagOf(position(column)) : new Open();
        case RowCondition.IsNull(var column) ->
            isThere(column) ? new NullTest(position(column)) : new Open();
        case RowCondition.Prefix(var column, var beginning) ->
            isThere(column) ? new Begins(position(column), beginning.bytes()) : new Open();
        case RowCondition.Comparison(var left, var comparator, var right) ->
            isThere(left) ? compared(left, comparator, right) : new Open();
      };
    }

    private RowTest[] bound(List<RowCondition> parts) {
      List<RowTest> tests = new ArrayList<>();
      parts.forEach(part -> tests.add(bound(part)));
      return tests.toArray(RowTest[]::new);
    }

    private RowTest compared(Column left, Comparator comparator, Operand right) {
      Optional<ValueKind> one = ValueKind.of(left.typeOid());
      Optional<ValueKind> two = ValueKind.of(right.typeOid());
      if (one.isEmpty() || two.isEmpty()) {
        return new Open();
      }
      Optional<ValueOrder> order = ValueOrder.between(one.get(), two.get());
      if (order.isEmpty() || (comparator.needsOrder() && one.get().isText())) {
        return new Open();
      }
      return switch (right) {
        case Constant constant ->
            constant.isNull()
                ? new Fixed(Optional.empty())
                : new WithConstant(position(left), comparator, constant.bytes(), order.get());
        case Column column ->
            isThere(column)
                ? new WithColumn(position(left), comparator, position(column), order.get())
                : new Open();
      };
    }

    private boolean isThere(Column column) {
      int position = position(column);
      return position >= 0 && typeOids[position] == column.typeOid();
    }

    private int position(Column column) {
      return columns.indexOf(column.name());
    }
  }
}
