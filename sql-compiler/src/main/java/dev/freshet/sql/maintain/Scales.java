package dev.freshet.sql.maintain;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.parse.Lexer;
import dev.freshet.sql.parse.Token;
import dev.freshet.sql.tree.Branch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many digits behind the point the values of an expression can have, where its text tells: of
 * columns with a declared scale, of whole numbers, and of sums, differences, products and CASE of
 * such.
 *
 * <p>Laws of PostgreSQL's numeric: {@code scale(a ± b) = max(scale(a), scale(b))}; {@code scale(a ·
 * b) = scale(a) + scale(b)}; the scale of SUM is the largest of its values. NaN and infinities have
 * none and do not count.
 */
final class Scales {
  private static final Pattern DECLARED = Pattern.compile("numeric\\(\\d+,(-?\\d+)\\)");
  private static final Pattern DECIMAL = Pattern.compile("-?\\d+(?:\\.(\\d*))?");
  private static final int MOST = 3;

  private final List<Token> tokens;
  private final Map<String, Optional<SortedSet<Integer>>> columns;
  private int at;

  private Scales(List<Token> tokens, Map<String, Optional<SortedSet<Integer>>> columns) {
    this.tokens = tokens;
    this.columns = columns;
  }

  /** An expression that this class does not understand. */
  private static final class Unknown extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** The scales of an expression over the columns of all branches; empty if they are not known. */
  static Optional<SortedSet<Integer>> of(Scalar expression, List<Branch> branches) {
    SortedSet<Integer> all = new TreeSet<>();
    for (Branch branch : branches) {
      Optional<SortedSet<Integer>> scales =
          of(branch.substituted(expression), ref -> declared(branch, ref));
      if (scales.isEmpty()) {
        return Optional.empty();
      }
      all.addAll(scales.get());
    }
    return Optional.of(all).filter(scales -> !scales.isEmpty() && scales.size() <= MOST);
  }

  private static Optional<SortedSet<Integer>> declared(Branch branch, ColumnRef ref) {
    return GroupColumns.column(branch.scans(), ref)
        .map(SourceTable.Column::type)
        .flatMap(Scales::declared);
  }

  private static Optional<SortedSet<Integer>> declared(ColumnType type) {
    return switch (type.base()) {
      case "int2", "int4", "int8" -> Optional.of(one(0));
      case "numeric" -> {
        Matcher matcher = DECLARED.matcher(type.name());
        yield matcher.matches()
            ? Optional.of(one(Math.max(0, Integer.parseInt(matcher.group(1)))))
            : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  static Optional<SortedSet<Integer>> of(
      Scalar expression, Function<ColumnRef, Optional<SortedSet<Integer>>> known) {
    Map<ColumnRef, String> names = new HashMap<>();
    Map<String, Optional<SortedSet<Integer>>> columns = new HashMap<>();
    String sql =
        expression.sql(
            ref -> {
              String name = names.computeIfAbsent(ref, _ -> "\"hole " + names.size() + "\"");
              columns.put(name, known.apply(ref));
              return name;
            });
    var reader = new Scales(Lexer.tokens(sql), columns);
    try {
      SortedSet<Integer> scales = reader.expression();
      return reader.at == reader.tokens.size() ? Optional.of(scales) : Optional.empty();
    } catch (Unknown _) {
      return Optional.empty();
    }
  }

  private static SortedSet<Integer> one(int scale) {
    return new TreeSet<>(Set.of(scale));
  }

  private boolean next(String text) {
    return at < tokens.size() && tokens.get(at).is(text);
  }

  private boolean take(String text) {
    boolean there = next(text);
    at += there ? 1 : 0;
    return there;
  }

  private Token take() throws Unknown {
    if (at >= tokens.size()) {
      throw new Unknown();
    }
    return tokens.get(at++);
  }

  private void expect(String text) throws Unknown {
    if (!take(text)) {
      throw new Unknown();
    }
  }

  /** PostgreSQL prints parentheses around every operation, so there is no precedence. */
  private SortedSet<Integer> expression() throws Unknown {
    SortedSet<Integer> left = operand();
    if (next("+") || next("-") || next("*")) {
      boolean times = take().is("*");
      SortedSet<Integer> right = operand();
      SortedSet<Integer> all = new TreeSet<>();
      for (int a : left) {
        for (int b : right) {
          all.add(times ? a + b : Math.max(a, b));
        }
      }
      return all;
    }
    return left;
  }

  private SortedSet<Integer> operand() throws Unknown {
    if (take("-")) {
      return operand();
    }
    SortedSet<Integer> scales;
    if (take("(")) {
      scales = expression();
      expect(")");
    } else if (take("CASE")) {
      scales = cases();
    } else {
      scales = value(take());
    }
    while (take("::")) {
      scales = cast(scales);
    }
    return scales;
  }

  private SortedSet<Integer> value(Token token) throws Unknown {
    if (token.is("NULL")) {
      return new TreeSet<>();
    }
    String text = token.text();
    Optional<SortedSet<Integer>> column = columns.get(text);
    if (column != null) {
      return column.orElseThrow(Unknown::new);
    }
    if (token.kind() == Token.Kind.STRING && text.startsWith("'") && text.endsWith("'")) {
      text = text.substring(1, text.length() - 1);
    } else if (token.kind() != Token.Kind.NUMBER) {
      throw new Unknown();
    }
    Matcher matcher = DECIMAL.matcher(text);
    if (!matcher.matches()) {
      throw new Unknown();
    }
    return one(matcher.group(1) == null ? 0 : matcher.group(1).length());
  }

  private SortedSet<Integer> cast(SortedSet<Integer> scales) throws Unknown {
    String type = take().text();
    boolean modified = take("(");
    var arguments = new StringBuilder();
    while (modified && !take(")")) {
      arguments.append(take().text());
    }
    return switch (type) {
      case "numeric" ->
          modified
              ? declared(
                      new ColumnType("numeric(" + arguments + ")", 0, "numeric", true, true, false))
                  .orElseThrow(Unknown::new)
              : scales;
      case "smallint", "integer", "bigint", "int2", "int4", "int8" -> one(0);
      default -> throw new Unknown();
    };
  }

  /** {@code WHEN … THEN value … ELSE value END}: conditions do not matter. */
  private SortedSet<Integer> cases() throws Unknown {
    SortedSet<Integer> all = new TreeSet<>();
    while (true) {
      skipTo("THEN", "ELSE", "END");
      if (take("END")) {
        return all;
      }
      at++;
      all.addAll(expression());
    }
  }

  private void skipTo(String... words) throws Unknown {
    int depth = 0;
    while (true) {
      Token token = at < tokens.size() ? tokens.get(at) : take();
      for (String word : words) {
        if (depth == 0 && token.is(word)) {
          return;
        }
      }
      depth += token.is("(") || token.is("CASE") ? 1 : token.is(")") || token.is("END") ? -1 : 0;
      at++;
    }
  }
}
