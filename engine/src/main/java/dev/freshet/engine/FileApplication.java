package dev.freshet.engine;

import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.TableCreation.Added;
import dev.freshet.engine.control.Declaration;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.TableChange;
import dev.freshet.engine.control.TableChange.Action;
import dev.freshet.engine.control.TableChange.Outcome;
import dev.freshet.engine.control.TableChange.QueryChange;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the stream tables what declarations say. One that fails does not keep the others from being
 * done; all that is known to be wrong beforehand keeps everything as it is.
 */
final class FileApplication {
  private static final Logger LOG = LoggerFactory.getLogger(FileApplication.class);

  private final TableLifecycle lifecycle;
  private final RefreshService refreshes;
  private final Consumer<Maintained> schedule;
  private final Consumer<Object> unschedule;

  FileApplication(
      TableLifecycle lifecycle,
      RefreshService refreshes,
      Consumer<Maintained> schedule,
      Consumer<Object> unschedule) {
    this.lifecycle = lifecycle;
    this.refreshes = refreshes;
    this.schedule = schedule;
    this.unschedule = unschedule;
  }

  List<TableChange> apply(List<Declaration> declarations, boolean prune)
      throws SQLException, InterruptedException {
    List<TableChange> plan = lifecycle.declarations().plan(declarations, prune);
    if (plan.stream().anyMatch(change -> change.action() == Action.INVALID)) {
      return plan;
    }
    Map<TableName, Declaration> wanted =
        declarations.stream()
            .collect(Collectors.toMap(d -> Names.parse(d.name()), Function.identity()));
    List<TableChange> done = new ArrayList<>();
    List<TableChange> drops = new ArrayList<>();
    for (TableChange change : plan) {
      Optional<Declaration> declared = Optional.ofNullable(wanted.get(Names.parse(change.name())));
      if (change.action() == Action.DROP) {
        drops.add(change);
      } else {
        done.add(
            declared.isPresent() ? attempt(change, () -> make(change, declared.get())) : change);
      }
    }
    done.addAll(drop(drops));
    return done;
  }

  private interface Step {
    Optional<Outcome> take() throws SQLException, InterruptedException;
  }

  private static TableChange attempt(TableChange change, Step step) throws InterruptedException {
    try {
      return step.take().map(change::with).orElse(change);
    } catch (FreshetException e) {
      return change.with(failed(e));
    } catch (SQLException e) {
      return change.with(failed(ServerErrors.translate(e, "apply " + change.name())));
    }
  }

  private static Outcome failed(FreshetException e) {
    return new Outcome(0, 0, List.of(), Optional.of(Reply.Failed.of(e)));
  }

  private Optional<Outcome> make(TableChange change, Declaration wanted)
      throws SQLException, InterruptedException {
    TableName name = Names.parse(wanted.name());
    RefreshOverrides overrides = RefreshOverrides.parse(wanted.settings());
    Optional<Added> made =
        switch (change.action()) {
          case CREATE ->
              Optional.of(lifecycle.creation().create(name, wanted.query(), overrides, refreshes));
          case ALTER -> alter(change, name, wanted.query(), overrides);
          case UNCHANGED, KEPT, DROP, INVALID -> Optional.empty();
        };
    made.ifPresent(
        added -> {
          schedule.accept(added.table());
          LOG.info(
              "applied {}: {} ({} rows)",
              wanted.file(),
              added.table().displayName(),
              (long) added.table().rows());
        });
    lifecycle.declarations().remember(name, wanted.file());
    return made.map(
        added ->
            new Outcome(
                (long) added.table().rows(),
                added.milliseconds(),
                added.notices(),
                Optional.empty()));
  }

  /** A query that only reads otherwise is not worth a refresh. */
  Optional<Added> alter(
      TableChange change, TableName name, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    if (change.query().filter(q -> !q.sameMeaning()).isPresent()) {
      return Optional.of(lifecycle.alteration().query(name, query, overrides, refreshes));
    }
    long begin = System.nanoTime();
    Maintained table = lifecycle.attachment().get(name);
    String text = change.query().map(QueryChange::after).orElse(table.table().query());
    lifecycle.alteration().text(table, text, overrides);
    return Optional.of(new Added(table, (System.nanoTime() - begin) / 1e6, List.of()));
  }

  /** Those that are read by others of them go after these: tried until none goes any more. */
  private List<TableChange> drop(List<TableChange> drops) throws InterruptedException {
    List<TableChange> done = new ArrayList<>();
    List<TableChange> left = new ArrayList<>(drops);
    while (!left.isEmpty()) {
      List<TableChange> tried = new ArrayList<>();
      for (TableChange change : left) {
        tried.add(attempt(change, () -> drop(Names.parse(change.name()))));
      }
      List<TableChange> failed = tried.stream().filter(TableChange::failed).toList();
      tried.stream().filter(change -> !change.failed()).forEach(done::add);
      if (failed.size() == left.size()) {
        done.addAll(failed);
        return done;
      }
      left = failed;
    }
    return done;
  }

  private Optional<Outcome> drop(TableName name) throws SQLException, InterruptedException {
    Optional<Maintained> table = lifecycle.tables().find(name);
    unschedule.accept(name);
    try {
      lifecycle.removal().drop(name, false);
    } catch (FreshetException e) {
      table.ifPresent(schedule);
      throw e;
    }
    return Optional.of(new Outcome(0, 0, List.of(), Optional.empty()));
  }
}
