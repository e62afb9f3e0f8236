package dev.freshet.engine;

import dev.freshet.config.ConfigException;
import dev.freshet.config.RefreshMode;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Declaration;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.TableChange;
import dev.freshet.engine.refresh.Group;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.Outcome;
import dev.freshet.engine.refresh.Request;
import dev.freshet.sql.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out commands, from this process or from the queue. */
final class CommandHandler {
  private static final Logger LOG = LoggerFactory.getLogger(CommandHandler.class);

  private final TableLifecycle lifecycle;
  private final StreamTables tables;
  private final RefreshService refreshes;
  private final StatusReader status;
  private final FileApplication application;
  private final Consumer<Maintained> schedule;
  private final Consumer<Object> unschedule;

  CommandHandler(
      TableLifecycle lifecycle,
      RefreshService refreshes,
      StatusReader status,
      Consumer<Maintained> schedule,
      Consumer<Object> unschedule) {
    this.lifecycle = lifecycle;
    this.tables = lifecycle.tables();
    this.refreshes = refreshes;
    this.status = status;
    this.schedule = schedule;
    this.unschedule = unschedule;
    this.application = new FileApplication(lifecycle, refreshes, schedule, unschedule);
  }

  /** As {@link #execute}, with failures as replies. */
  Reply reply(Command command) {
    try {
      return execute(command);
    } catch (FreshetException e) {
      return Reply.Failed.of(e);
    } catch (RuntimeException e) {
      LOG.error("command {} failed", command, e);
      return Reply.Failed.of(
          FreshetException.of(
              Kind.SERVER_ERROR, "the engine failed: " + e, "its log has the details", e));
    }
  }

  /**
   * @throws FreshetException if the command fails
   */
  Reply execute(Command command) {
    try {
      return switch (command) {
        case Command.Create create -> create(create);
        case Command.CreateOrReplace create -> createOrReplace(create);
        case Command.Apply(var declarations, var prune) ->
            new Reply.Applied(application.apply(declarations, prune));
        case Command.Drop drop -> drop(drop);
        case Command.Alter alter -> alter(alter);
        case Command.Refresh refresh -> refresh(refresh);
        case Command.Pause(var names) -> pause(names);
        case Command.Resume(var names) -> resume(names);
        case Command.Audit audit -> audit(audit);
        case Command.Status() -> new Reply.StatusOf(status.read());
        case Command.SwitchCapture _ ->
            throw new IllegalStateException("an engine does not exchange itself");
      };
    } catch (SQLException e) {
      throw ServerErrors.translate(e, command.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetException.of(Kind.TIMEOUT, "the engine is stopping", "run the command again", e);
    }
  }

  private Reply create(Command.Create create) throws SQLException, InterruptedException {
    TableName name = Names.parse(create.name());
    Optional<Maintained> existing = tables.find(name);
    if (existing.isPresent() && create.ifNotExists()) {
      return new Reply.Done("stream table " + Names.display(name) + " exists already");
    }
    RefreshOverrides overrides = overrides(create.settings());
    requirePossible(overrides);
    TableCreation.Added added =
        lifecycle.creation().create(name, create.query(), overrides, refreshes);
    schedule.accept(added.table());
    LOG.info(
        "created {} ({} rows, {})",
        added.table().displayName(),
        (long) added.table().rows(),
        added.table().analysis().compiled().refreshClass().label());
    return created(added.table(), added.milliseconds(), added.notices());
  }

  private Reply createOrReplace(Command.CreateOrReplace create)
      throws SQLException, InterruptedException {
    TableName name = Names.parse(create.name());
    if (!tables.knows(name)) {
      return create(new Command.Create(create.name(), create.query(), create.settings(), false));
    }
    RefreshOverrides overrides = overrides(create.settings());
    Declaration declaration =
        new Declaration(create.name(), create.query(), create.settings(), "", "");
    TableChange change =
        lifecycle.declarations().plan(List.of(declaration), false).stream()
            .filter(planned -> planned.name().equals(Names.display(name)))
            .findFirst()
            .orElseThrow();
    if (change.problem().isPresent()) {
      throw change.problem().get().toException();
    }
    if (!change.action().changes()) {
      return new Reply.Done(Names.display(name) + " is so already: nothing changed");
    }
    Optional<TableCreation.Added> altered =
        application.alter(change, name, create.query(), overrides);
    if (change.query().isEmpty() || change.query().get().sameMeaning()) {
      altered.ifPresent(added -> schedule.accept(added.table()));
      return new Reply.Done(
          "altered stream table " + Names.display(name) + "; its query means what it meant");
    }
    return altered(altered.orElseThrow());
  }

  private static Reply created(Maintained table, double milliseconds, List<String> notices) {
    return new Reply.Created(
        table.displayName(),
        table.analysis().compiled().refreshClass().label(),
        (long) table.rows(),
        milliseconds,
        notices);
  }

  private static RefreshOverrides overrides(Map<String, String> settings) {
    try {
      return RefreshOverrides.parse(settings);
    } catch (ConfigException e) {
      throw FreshetException.of(
          Kind.BAD_SETTING,
          e.problems().stream().map(Object::toString).collect(Collectors.joining("\n")),
          "freshet create --help lists the settings",
          e);
    }
  }

  private void requirePossible(RefreshOverrides overrides) {
    lifecycle.definitions().settings(overrides);
  }

  private Reply drop(Command.Drop drop) throws SQLException, InterruptedException {
    TableName name = Names.parse(drop.name());
    List<TableName> dropped;
    try {
      dropped = lifecycle.removal().drop(name, drop.cascade());
      dropped.forEach(unschedule);
    } catch (FreshetException e) {
      if (e.kind() == Kind.UNKNOWN_STREAM_TABLE && drop.ifExists()) {
        return new Reply.Done("there is no stream table " + Names.display(name));
      }
      throw e;
    }
    String names = dropped.stream().map(Names::display).collect(Collectors.joining(", "));
    LOG.info("dropped {}", names);
    return new Reply.Done("dropped stream table " + names);
  }

  private Reply alter(Command.Alter alter) throws SQLException, InterruptedException {
    TableName name = Names.parse(alter.name());
    Map<String, String> merged =
        new LinkedHashMap<>(lifecycle.alteration().stored(name).overrides().toMap());
    Map<String, String> given = new LinkedHashMap<>();
    alter
        .settings()
        .forEach(
            (key, value) -> {
              merged.remove(key);
              if (!value.isEmpty()) {
                given.put(key, value);
              }
            });
    RefreshOverrides overrides = overrides(merged).with(overrides(given));
    if (alter.query().isPresent()) {
      return altered(lifecycle.alteration().query(name, alter.query().get(), overrides, refreshes));
    }
    Maintained table = lifecycle.attachment().get(name);
    lifecycle.alteration().settings(table, overrides);
    schedule.accept(table);
    return new Reply.Done("altered stream table " + table.displayName());
  }

  private Reply altered(TableCreation.Added altered) {
    schedule.accept(altered.table());
    LOG.info(
        "altered {} ({} rows, {})",
        altered.table().displayName(),
        (long) altered.table().rows(),
        altered.table().analysis().compiled().refreshClass().label());
    return created(altered.table(), altered.milliseconds(), altered.notices());
  }

  private List<Maintained> named(List<String> names) throws SQLException, InterruptedException {
    if (names.isEmpty()) {
      return List.copyOf(tables.maintained());
    }
    List<Maintained> found = new ArrayList<>();
    for (String name : names) {
      found.add(lifecycle.attachment().get(Names.parse(name)));
    }
    return found;
  }

  private Reply refresh(Command.Refresh refresh) throws SQLException, InterruptedException {
    Optional<RefreshMode> mode = refresh.mode().map(CommandHandler::mode);
    List<Maintained> targets = named(refresh.names());
    Map<Maintained, Group.Result> results = refreshes.refreshAll(targets, Request.manual(mode));
    Set<Maintained> order = new LinkedHashSet<>();
    if (!refresh.names().isEmpty()) {
      order.addAll(targets);
    }
    order.addAll(results.keySet());
    List<RefreshReport> reports = new ArrayList<>();
    for (Maintained table : order) {
      boolean asked = targets.contains(table);
      boolean waits = results.get(table) instanceof Group.Result.Waiting;
      if (asked && !(waits && refresh.names().isEmpty())) {
        reports.add(RefreshService.outcome(table, results.get(table)).report());
      } else if (results.get(table) instanceof Group.Result.Refreshed(Outcome outcome)) {
        reports.add(outcome.report());
      }
    }
    return new Reply.Refreshed(reports);
  }

  private static RefreshMode mode(String text) {
    for (RefreshMode mode : RefreshMode.values()) {
      if (mode.text().equals(text.toLowerCase(Locale.ROOT))) {
        return mode;
      }
    }
    throw FreshetException.of(
        Kind.BAD_SETTING, "there is no refresh mode '" + text + "'", "auto, incremental or full");
  }

  private Reply pause(List<String> names) throws SQLException, InterruptedException {
    List<Maintained> paused = named(names);
    for (Maintained table : paused) {
      lifecycle.states().set(table, StreamTable.State.PAUSED, "paused by command");
      unschedule.accept(table.table().name());
    }
    return new Reply.Done("paused " + listed(paused) + "; changes are kept until it is resumed");
  }

  private Reply resume(List<String> names) throws SQLException, InterruptedException {
    List<Maintained> resumed = named(names);
    for (Maintained table : resumed) {
      lifecycle.states().set(table, StreamTable.State.ACTIVE, "");
      table.waiting(Optional.empty());
      schedule.accept(table);
    }
    return new Reply.Done("resumed " + listed(resumed));
  }

  private static String listed(List<Maintained> all) {
    return all.isEmpty()
        ? "nothing: there is no stream table"
        : all.stream().map(Maintained::displayName).collect(Collectors.joining(", "));
  }

  private Reply audit(Command.Audit audit) throws SQLException, InterruptedException {
    List<AuditReport> reports = new ArrayList<>();
    List<Maintained> targets = named(audit.names());
    Map<Maintained, Group.Result> results =
        refreshes.refreshAll(targets, Request.audit(audit.limit()));
    for (Maintained table : targets) {
      try {
        RefreshService.outcome(table, results.get(table)).audit().ifPresent(reports::add);
      } catch (FreshetException e) {
        reports.add(failed(table.displayName(), e));
      }
    }
    if (audit.names().isEmpty()) {
      tables.broken().forEach(b -> reports.add(failed(b.table().displayName(), b.cause())));
    }
    return new Reply.Audited(reports);
  }

  private static AuditReport failed(String name, FreshetException cause) {
    return new AuditReport(
        name,
        false,
        "",
        0,
        Optional.empty(),
        List.of(),
        Optional.of(String.valueOf(cause.getMessage())));
  }
}
