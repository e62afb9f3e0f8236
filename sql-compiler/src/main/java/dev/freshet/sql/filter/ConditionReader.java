package dev.freshet.sql.filter;

import dev.freshet.sql.SourceTable;
import dev.freshet.sql.filter.Operand.Column;
import dev.freshet.sql.filter.Operand.Constant;
import dev.freshet.sql.filter.RowCondition.Comparator;
import dev.freshet.sql.parse.ScalarTokens;
import dev.freshet.sql.parse.Token;
import dev.freshet.sql.parse.TokenLists;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads a condition as ruleutils.c prints it: what it says of one row of a source. All that is not
 * understood, and all that concerns other relations, is {@link RowCondition.Unknown}.
 */
final class ConditionReader {
  /** Longer lists would take longer to look through than a row takes to ship. */
  private static final int MAX_LIST = 64;

  private static final Map<String, Comparator> COMPARATORS = new HashMap<>();

  static {
    for (Comparator comparator : Comparator.values()) {
      COMPARATORS.put(comparator.toString(), comparator);
    }
  }

  private final Scan scan;
  private final Function<String, Optional<Constant>> constants;
  private final ScalarTokens text;

  private ConditionReader(
      Scan scan, ScalarTokens text, Function<String, Optional<Constant>> constants) {
    this.scan = scan;
    this.text = text;
    this.constants = constants;
  }

  /**
   * What the condition says of a row of the scan.
   *
   * @param constants the values of constant expressions, by their text
   */
  static RowCondition read(
      Scan scan, Scalar condition, Function<String, Optional<Constant>> constants) {
    var text = new ScalarTokens(condition);
    return new ConditionReader(scan, text, constants).read(text.tokens());
  }

  private RowCondition read(List<Token> tokens) {
    List<Token> core = TokenLists.core(tokens);
    if (core.isEmpty() || TokenLists.hasOutside(core, t -> t.is("CASE") || t.is("BETWEEN"))) {
      return RowCondition.UNKNOWN;
    }
    List<List<Token>> alternatives = TokenLists.split(core, "OR");
    if (alternatives.size() > 1) {
      return new RowCondition.Any(alternatives.stream().map(this::read).toList());
    }
    List<List<Token>> conjuncts = TokenLists.split(core, "AND");
    if (conjuncts.size() > 1) {
      return new RowCondition.All(conjuncts.stream().map(this::read).toList());
    }
    if (core.getFirst().is("NOT")) {
      return new RowCondition.Not(read(core.subList(1, core.size())));
    }
    if (core.size() == 1 && (core.getFirst().is("true") || core.getFirst().is("false"))) {
      return new RowCondition.Literal(core.getFirst().is("true"));
    }
    return atom(core);
  }

  private RowCondition atom(List<Token> core) {
    var is = TokenLists.only(core, token -> token.is("IS"));
    if (is.isPresent()) {
      return nullTest(
          core.subList(0, is.getAsInt()),
          TokenLists.words(core.subList(is.getAsInt() + 1, core.size())));
    }
    var operator =
        TokenLists.only(core, token -> token.kind() == Token.Kind.OPERATOR && !token.is("::"));
    if (operator.isEmpty()) {
      return column(core)
          .filter(column -> ValueKind.of(column.typeOid()).equals(Optional.of(ValueKind.BOOLEAN)))
          .<RowCondition>map(RowCondition.Flag::new)
          .orElse(RowCondition.UNKNOWN);
    }
    int at = operator.getAsInt();
    return operation(core.subList(0, at), core.get(at).text(), core.subList(at + 1, core.size()));
  }

  private RowCondition nullTest(List<Token> value, String what) {
    Optional<Column> column = column(value);
    if (column.isEmpty()) {
      return RowCondition.UNKNOWN;
    }
    var isNull = new RowCondition.IsNull(column.get());
    return switch (what) {
      case "NULL" -> isNull;
      case "NOT NULL" -> new RowCondition.Not(isNull);
      default -> RowCondition.UNKNOWN;
    };
  }

  private RowCondition operation(List<Token> left, String operator, List<Token> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return RowCondition.UNKNOWN;
    }
    if (right.getFirst().is("ANY") || right.getFirst().is("ALL")) {
      return list(left, operator, right);
    }
    if (operator.equals("~~")) {
      return prefix(left, right);
    }
    if (operator.equals("!~~")) {
      return new RowCondition.Not(prefix(left, right));
    }
    Comparator comparator = COMPARATORS.get(operator);
    return comparator == null ? RowCondition.UNKNOWN : comparison(left, comparator, right);
  }

  private RowCondition comparison(List<Token> left, Comparator comparator, List<Token> right) {
    Optional<Operand> one = operand(left);
    Optional<Operand> two = operand(right);
    if (one.isEmpty() || two.isEmpty()) {
      return RowCondition.UNKNOWN;
    }
    if (one.get() instanceof Column column) {
      return compared(column, comparator, two.get());
    }
    return two.get() instanceof Column column
        ? compared(column, comparator.mirrored(), one.get())
        : RowCondition.UNKNOWN;
  }

  private static RowCondition compared(Column left, Comparator comparator, Operand right) {
    Optional<ValueKind> one = ValueKind.of(left.typeOid());
    Optional<ValueKind> two = ValueKind.of(right.typeOid());
    boolean known =
        one.isPresent()
            && two.isPresent()
            && ValueOrder.between(one.get(), two.get()).isPresent()
            && !(comparator.needsOrder() && one.get().isText())
            && !(one.get().isText() && right instanceof Constant text && !text.isAscii());
    return known ? new RowCondition.Comparison(left, comparator, right) : RowCondition.UNKNOWN;
  }

  /** {@code x = ANY (ARRAY[…])}, and {@code x <> ALL (ARRAY[…])}. */
  private RowCondition list(List<Token> left, String operator, List<Token> right) {
    boolean any = right.getFirst().is("ANY");
    Optional<Column> column = column(left);
    Optional<List<List<Token>>> items = items(TokenLists.core(right.subList(1, right.size())));
    if (column.isEmpty() || items.isEmpty() || !operator.equals(any ? "=" : "<>")) {
      return RowCondition.UNKNOWN;
    }
    Comparator comparator = any ? Comparator.EQUAL : Comparator.UNEQUAL;
    List<RowCondition> parts = new ArrayList<>();
    for (List<Token> item : items.get()) {
      parts.add(
          constant(item)
              .map(constant -> compared(column.get(), comparator, constant))
              .orElse(RowCondition.UNKNOWN));
    }
    return any ? new RowCondition.Any(parts) : new RowCondition.All(parts);
  }

  /** The elements of an array that is written out; varchar ones may be read as text. */
  private static Optional<List<List<Token>>> items(List<Token> tokens) {
    List<Token> array = tokens;
    boolean asText =
        array.size() > 4
            && array.getFirst().is("(")
            && TokenLists.words(array.subList(array.size() - 4, array.size()))
                .equals(":: text [ ]");
    if (asText) {
      array = TokenLists.core(array.subList(0, array.size() - 4));
    }
    boolean writtenOut =
        array.size() > 3
            && array.get(0).is("ARRAY")
            && array.get(1).is("[")
            && TokenLists.closing(array, 1) == array.size() - 1;
    if (!writtenOut) {
      return Optional.empty();
    }
    List<List<Token>> items = TokenLists.split(array.subList(2, array.size() - 1), ",");
    boolean varchars =
        items.stream().allMatch(item -> TokenLists.words(item).endsWith(":: character varying"));
    return items.size() <= MAX_LIST && (!asText || varchars)
        ? Optional.of(items)
        : Optional.empty();
  }

  /** LIKE {@code 'beginning%'}. */
  private RowCondition prefix(List<Token> left, List<Token> right) {
    Optional<Column> column = column(left);
    Optional<Constant> pattern = constant(right);
    boolean text =
        column.isPresent()
            && pattern.isPresent()
            && !pattern.get().isNull()
            && pattern.get().isAscii()
            && ValueKind.of(column.get().typeOid()).equals(Optional.of(ValueKind.TEXT))
            && ValueKind.of(pattern.get().typeOid()).equals(Optional.of(ValueKind.TEXT));
    return text
        ? LikePattern.beginning(pattern.get())
            .<RowCondition>map(beginning -> new RowCondition.Prefix(column.get(), beginning))
            .orElse(RowCondition.UNKNOWN)
        : RowCondition.UNKNOWN;
  }

  private Optional<Operand> operand(List<Token> tokens) {
    return column(tokens).<Operand>map(column -> column).or(() -> constant(tokens));
  }

  private Optional<Constant> constant(List<Token> tokens) {
    return ConstantText.is(tokens) ? constants.apply(text(tokens)) : Optional.empty();
  }

  private static String text(List<Token> tokens) {
    StringBuilder text = new StringBuilder();
    int end = tokens.getFirst().start();
    for (Token token : tokens) {
      text.append(token.start() > end ? " " : "").append(token.text());
      end = token.end();
    }
    return text.toString();
  }

  /** A column of the source, cast at most to a type in which it has the same value. */
  private Optional<Column> column(List<Token> tokens) {
    List<Token> core = TokenLists.core(tokens);
    var cast = TokenLists.only(core, token -> token.is("::"));
    if (cast.isPresent()) {
      String type = TokenLists.words(core.subList(cast.getAsInt() + 1, core.size()));
      return column(core.subList(0, cast.getAsInt()))
          .filter(column -> ValueKind.isKeptBy(type, column.typeOid()));
    }
    return core.size() == 1
        ? text.column(core.getFirst())
            .filter(ref -> ref.relation().equals(scan.relation()))
            .flatMap(ref -> scan.table().column(ref.column()))
            .flatMap(ConditionReader::comparable)
        : Optional.empty();
  }

  /**
   * Texts are equal if their bytes are, unless their collation says otherwise. A row of NULLs IS
   * NULL and is none.
   */
  private static Optional<Column> comparable(SourceTable.Column column) {
    boolean deterministic =
        column.collation().map(name -> name.startsWith("pg_catalog.")).orElse(true);
    return deterministic && !column.virtual() && !column.type().array()
        ? Optional.of(new Column(column.name(), column.type().oid()))
        : Optional.empty();
  }
}
