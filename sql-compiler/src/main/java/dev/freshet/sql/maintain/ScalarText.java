package dev.freshet.sql.maintain;

import dev.freshet.sql.parse.ScalarTokens;
import dev.freshet.sql.parse.Token;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;

/** An expression as tokens that are found by their places, and parts of it again. */
final class ScalarText {
  private final ScalarTokens text;
  private final List<Token> tokens;

  ScalarText(Scalar scalar) {
    text = new ScalarTokens(scalar);
    tokens = text.tokens();
  }

  int size() {
    return tokens.size();
  }

  boolean is(int index, String text) {
    return index >= 0 && index < tokens.size() && tokens.get(index).is(text);
  }

  String text(int index) {
    return tokens.get(index).text();
  }

  /** The words from one token to before another, one space between them. */
  String words(int from, int to) {
    return String.join(" ", tokens.subList(from, to).stream().map(Token::text).toList());
  }

  /** The place of the parenthesis that closes the one at {@code open}; the end if none does. */
  int closing(int open) {
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      depth += is(i, "(") || is(i, "[") ? 1 : is(i, ")") || is(i, "]") ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return tokens.size();
  }

  /** The parts between commas. */
  List<Scalar> list(int from, int to) {
    return ranges(from, to).stream().map(range -> part(range[0], range[1])).toList();
  }

  /** First and end of each part between commas. */
  List<int[]> ranges(int from, int to) {
    var ranges = new ArrayList<int[]>();
    int depth = 0;
    int start = from;
    for (int i = from; i < to; i++) {
      depth += is(i, "(") || is(i, "[") ? 1 : is(i, ")") || is(i, "]") ? -1 : 0;
      if (depth == 0 && is(i, ",")) {
        ranges.add(new int[] {start, i});
        start = i + 1;
      }
    }
    if (start < to) {
      ranges.add(new int[] {start, to});
    }
    return ranges;
  }

  /** The expression that some of the tokens are. */
  Scalar part(int from, int to) {
    return text.scalar(tokens.subList(from, to));
  }
}
