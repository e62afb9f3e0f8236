package dev.freshet.engine.script;

import dev.freshet.engine.script.ScriptPart.ForPsql;
import dev.freshet.engine.script.ScriptPart.Statement;
import dev.freshet.engine.script.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Cuts a script at the semicolons that end a statement: not those in quotes, comments, parentheses
 * (CREATE RULE) or in the body of a function ({@code BEGIN ATOMIC … END}).
 *
 * <p>Commands of {@code psql} and the data behind {@code COPY … FROM stdin} are set apart.
 */
public final class Script {
  /** Those that send the statement before them, as a semicolon does. */
  private static final Set<String> SENDING =
      Set.of("\\g", "\\gx", "\\gset", "\\gexec", "\\gdesc", "\\crosstabview", "\\watch");

  private static final int DEFINING_WORDS = 4;

  private final String text;
  private final Lexer lexer;
  private final List<ScriptPart> parts = new ArrayList<>();

  private List<Token> current = new ArrayList<>();
  private List<Token> inside = new ArrayList<>();
  private int previousEnd;
  private int parentheses;
  private int blocks;

  private Script(String text) {
    this.text = text;
    this.lexer = new Lexer(text);
  }

  public static List<ScriptPart> parts(String text) {
    return new Script(text).cut();
  }

  private List<ScriptPart> cut() {
    for (Optional<Token> next = lexer.next(); next.isPresent(); next = lexer.next()) {
      Token token = next.get();
      if (token.kind() == Kind.META_COMMAND) {
        metaCommand(token);
      } else if (token.isSymbol(';') && parentheses == 0 && blocks == 0) {
        endStatement(token.end());
      } else {
        nest(token);
        current.add(token);
      }
    }
    endStatement(text.length());
    return List.copyOf(parts);
  }

  private void nest(Token token) {
    if (token.isSymbol('(')) {
      parentheses++;
    } else if (token.isSymbol(')')) {
      parentheses = Math.max(0, parentheses - 1);
    } else if (parentheses == 0 && definesRoutine()) {
      if (token.is("BEGIN") || blocks > 0 && token.is("CASE")) {
        blocks++;
      } else if (token.is("END")) {
        blocks = Math.max(0, blocks - 1);
      }
    }
  }

  private boolean definesRoutine() {
    List<String> words =
        current.stream()
            .limit(DEFINING_WORDS)
            .map(Token::word)
            .filter(word -> !word.equals("OR") && !word.equals("REPLACE"))
            .toList();
    return words.size() >= 2
        && words.getFirst().equals("CREATE")
        && (words.get(1).equals("FUNCTION") || words.get(1).equals("PROCEDURE"));
  }

  private void metaCommand(Token token) {
    String command = token.text().split("\\s", 2)[0].toLowerCase(Locale.ROOT);
    if (SENDING.contains(command) && !current.isEmpty()) {
      endStatement(token.start());
    }
    parts.add(new ForPsql(command, token.start()));
    if (current.isEmpty()) {
      previousEnd = token.end();
    } else {
      inside.add(token);
    }
  }

  private void endStatement(int end) {
    if (!current.isEmpty()) {
      int start = current.getFirst().start();
      int stop = current.getLast().end();
      parts.add(new Statement(withoutMetaCommands(start, stop), start, commentAbove(start)));
      if (readsStandardInput()) {
        skipData(end);
      }
    }
    current = new ArrayList<>();
    inside = new ArrayList<>();
    parentheses = 0;
    blocks = 0;
    previousEnd = lexer.position();
  }

  /** Blanks in place of commands in the middle of a statement, so that positions stay. */
  private String withoutMetaCommands(int start, int stop) {
    StringBuilder statement = new StringBuilder(text.substring(start, stop));
    for (Token token : inside) {
      for (int i = token.start(); i < Math.min(token.end(), stop); i++) {
        statement.setCharAt(i - start, ' ');
      }
    }
    return statement.toString();
  }

  private boolean readsStandardInput() {
    if (!current.getFirst().is("COPY")) {
      return false;
    }
    for (int i = 1; i < current.size(); i++) {
      if (current.get(i - 1).is("FROM") && current.get(i).is("STDIN")) {
        return true;
      }
    }
    return false;
  }

  /** The lines behind {@code COPY … FROM stdin} up to one that is {@code \.}. */
  private void skipData(int from) {
    int line = text.indexOf('\n', from) + 1;
    while (line > 0 && line < text.length()) {
      int end = text.indexOf('\n', line);
      int stop = end < 0 ? text.length() : end;
      if (text.substring(line, stop).strip().equals("\\.")) {
        lexer.skipTo(stop);
        return;
      }
      line = end + 1;
    }
    lexer.skipTo(text.length());
  }

  /** The line comments between the statement before and this one, from the last blank line on. */
  private String commentAbove(int start) {
    List<String> lines = new ArrayList<>();
    int ownLine = text.lastIndexOf('\n', start) + 1;
    for (String line :
        text.substring(previousEnd, Math.max(previousEnd, ownLine)).lines().toList()) {
      String stripped = line.strip();
      if (stripped.startsWith("--")) {
        lines.add(stripped.replaceFirst("^-+\\s*", ""));
      } else if (stripped.isEmpty()) {
        lines.clear();
      }
    }
    return String.join(" ", lines).strip();
  }
}
