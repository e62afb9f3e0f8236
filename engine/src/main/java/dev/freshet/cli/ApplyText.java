package dev.freshet.cli;

import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.TableChange;
import dev.freshet.engine.control.TableChange.Action;
import dev.freshet.engine.control.TableChange.Outcome;
import dev.freshet.engine.control.TableChange.QueryChange;
import dev.freshet.engine.control.TableChange.SettingChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What applying a file would do, or did, for people: one block for each stream table. */
final class ApplyText {
  private ApplyText() {}

  /** What would be done; what cannot be applied is left to {@link #problems}. */
  static String plan(List<TableChange> changes, Styles styles) {
    StringBuilder text = new StringBuilder();
    for (TableChange change : changes) {
      switch (change.action()) {
        case CREATE -> block(text, styles.good("+ create    "), change, styles);
        case ALTER -> block(text, styles.warning("~ alter     "), change, styles);
        case DROP -> line(text, styles.bad("- drop      "), change, "came from " + change.place());
        case UNCHANGED -> line(text, styles.faint("= unchanged "), change, "");
        case KEPT -> line(text, styles.faint("  kept      "), change, whyKept(change));
        case INVALID -> line(text, styles.bad("! wrong     "), change, "");
      }
    }
    return text.append(text.isEmpty() ? "" : "\n")
        .append("Plan: ")
        .append(counted(changes, "to create", "to alter", "to drop"))
        .append('\n')
        .toString();
  }

  private static String whyKept(TableChange change) {
    return change.place().isEmpty()
        ? "not in the file; a command made it"
        : "not in the file any more; --prune drops it";
  }

  private static void line(StringBuilder text, String head, TableChange change, String note) {
    text.append(head).append(change.name());
    text.append(note.isEmpty() ? "" : "   (" + note + ")").append('\n');
  }

  private static void block(StringBuilder text, String head, TableChange change, Styles styles) {
    line(text, head, change, change.place());
    change.query().ifPresent(query -> query(text, query, styles));
    for (String column : change.columns()) {
      text.append("    column    ").append(column).append('\n');
    }
    for (SettingChange setting : change.settings()) {
      text.append("    setting   ").append(setting(setting, change.action())).append('\n');
    }
    if (change.query().filter(QueryChange::sameMeaning).isPresent()) {
      text.append("    the query means the same to PostgreSQL: nothing is refreshed\n");
    } else if (change.query().isPresent()) {
      text.append("    ").append(maintained(change, styles)).append('\n');
    }
  }

  private static void query(StringBuilder text, QueryChange query, Styles styles) {
    if (query.before().isEmpty()) {
      return;
    }
    text.append("    query\n");
    for (LineDiff.Line line : LineDiff.of(query.before().get(), query.after())) {
      text.append("      ")
          .append(
              switch (line.kind()) {
                case SAME -> "  " + line.text();
                case REMOVED -> styles.bad("- " + line.text());
                case ADDED -> styles.good("+ " + line.text());
              })
          .append('\n');
    }
  }

  private static String setting(SettingChange setting, Action action) {
    String after = setting.after().orElse("as in section refresh");
    return action == Action.CREATE
        ? setting.key() + " " + after
        : setting.key() + " " + setting.before().orElse("as in section refresh") + " → " + after;
  }

  private static String maintained(TableChange change, Styles styles) {
    Optional<String> refreshClass = change.refreshClass();
    if (refreshClass.isEmpty()) {
      return styles.warning("how it is maintained is ") + change.reason();
    }
    return change.reason().isEmpty()
        ? styles.good("maintained incrementally") + " (" + refreshClass.get() + ")"
        : styles.warning("refreshed in full") + ": " + change.reason();
  }

  /** What was done. */
  static String done(List<TableChange> changes, Styles styles) {
    StringBuilder text = new StringBuilder();
    for (TableChange change : changes) {
      if (change.failed()) {
        line(text, styles.bad("! failed    "), change, "");
        continue;
      }
      switch (change.action()) {
        case CREATE -> outcome(text, styles.good("+ created   "), change, styles);
        case ALTER -> outcome(text, styles.warning("~ altered   "), change, styles);
        case DROP -> line(text, styles.bad("- dropped   "), change, "");
        case UNCHANGED -> line(text, styles.faint("= unchanged "), change, "");
        case KEPT -> line(text, styles.faint("  kept      "), change, whyKept(change));
        case INVALID -> {}
      }
    }
    return text.append(text.isEmpty() ? "" : "\n")
        .append("Applied: ")
        .append(counted(changes, "created", "altered", "dropped"))
        .append('\n')
        .toString();
  }

  private static void outcome(StringBuilder text, String head, TableChange change, Styles styles) {
    Optional<Outcome> outcome = change.outcome();
    text.append(head).append(change.name());
    if (outcome.isPresent()) {
      text.append(": ")
          .append(Human.count(outcome.get().rows(), "row"))
          .append(" in ")
          .append(Human.milliseconds(outcome.get().milliseconds()));
      if (change.query().filter(query -> !query.sameMeaning()).isPresent()) {
        text.append(", ").append(refreshClass(change));
      }
    }
    text.append('\n');
    outcome.stream()
        .flatMap(done -> done.notices().stream())
        .forEach(
            notice ->
                text.append("    ")
                    .append(styles.warning("note:"))
                    .append(' ')
                    .append(notice)
                    .append('\n'));
  }

  private static String refreshClass(TableChange change) {
    return change.refreshClass().isEmpty()
        ? "see freshet explain"
        : change.refreshClass().get().equals("full")
            ? "refreshed in full"
            : "maintained incrementally (" + change.refreshClass().get() + ")";
  }

  private static String counted(
      List<TableChange> changes, String created, String altered, String dropped) {
    List<String> parts = new ArrayList<>();
    count(parts, changes, Action.CREATE, created);
    count(parts, changes, Action.ALTER, altered);
    count(parts, changes, Action.DROP, dropped);
    count(parts, changes, Action.UNCHANGED, "unchanged");
    count(parts, changes, Action.KEPT, "not in the file");
    long failed = changes.stream().filter(TableChange::failed).count();
    if (failed > 0) {
      parts.add(failed + " wrong");
    }
    return parts.isEmpty() ? "no stream tables" : String.join(", ", parts);
  }

  private static void count(
      List<String> parts, List<TableChange> changes, Action action, String words) {
    long n =
        changes.stream().filter(change -> change.action() == action && !change.failed()).count();
    if (n > 0) {
      parts.add(n + " " + words);
    }
  }

  /**
   * Everything that is wrong, each with its place in the file.
   *
   * @param effect what that means for the others
   */
  static String problems(List<TableChange> changes, String effect, Styles styles) {
    List<TableChange> failed = changes.stream().filter(TableChange::failed).toList();
    StringBuilder text =
        new StringBuilder()
            .append(styles.bad("error:"))
            .append(' ')
            .append(Human.count(failed.size(), "stream table"))
            .append(" cannot be applied; ")
            .append(effect)
            .append('\n');
    for (TableChange change : failed) {
      Reply.Failed failure =
          change.problem().or(() -> change.outcome().flatMap(Outcome::failure)).orElseThrow();
      text.append('\n')
          .append(change.place().isEmpty() ? "" : change.place() + ": ")
          .append(styles.strong(change.name()))
          .append('\n')
          .append(failure.message().strip().indent(2));
      if (failure.position().isPresent() && change.query().isPresent()) {
        text.append(
            ErrorText.excerpt(change.query().get().after(), failure.position().get()).indent(2));
      }
      if (!failure.remedy().isBlank()) {
        text.append(("→ " + failure.remedy().strip()).indent(2));
      }
    }
    return text.toString();
  }
}
