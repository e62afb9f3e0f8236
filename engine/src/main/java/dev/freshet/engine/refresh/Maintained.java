package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.RefreshReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream table under maintenance: its definition, its compiled query, and what the engine keeps
 * of it in memory.
 *
 * <p>Definition, consumer and frontier change only under {@link #lock}; everything that other
 * threads read for display is volatile or synchronized.
 */
public final class Maintained {
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<RefreshReport> history = new ArrayDeque<>();
  private final int historySize;

  private volatile LearnedCosts costs = new LearnedCosts();
  private volatile StreamTable table;
  private volatile RefreshSettings settings;
  private volatile Compiled compiled;
  private volatile Frontier frontier;
  private volatile boolean sourcesSuspect;
  private volatile boolean sourcesReplaced;
  private volatile boolean rowsCollide;
  private volatile boolean refreshRequested;
  private volatile boolean suspended;
  private volatile Optional<String> waiting = Optional.empty();
  private volatile double rows;

  /** What is derived from the definition, replaced as a whole. */
  record Compiled(
      Analysis analysis,
      Views views,
      DeltaConsumer consumer,
      Opening opening,
      RepeatedDeltas repeated,
      Map<Integer, Double> sourceRows) {

    /** Whether its changes come from the log, at least some of them. */
    boolean readsLog() {
      return !views.all().isEmpty();
    }

    static Compiled of(
        long id, Analysis analysis, Views views, DeltaConsumer consumer, Capture capture) {
      Map<Integer, Double> sourceRows = new HashMap<>();
      analysis.bases().forEach(source -> sourceRows.put(source.oid(), source.estimatedRows()));
      return new Compiled(
          analysis,
          views,
          consumer,
          new Opening(id, analysis, capture),
          new RepeatedDeltas(analysis.compiled()),
          sourceRows);
    }
  }

  Maintained(
      StreamTable table,
      RefreshSettings settings,
      Compiled compiled,
      Frontier frontier,
      int historySize) {
    this.table = table;
    this.settings = settings;
    this.compiled = compiled;
    this.frontier = frontier;
    this.historySize = historySize;
  }

  public StreamTable table() {
    return table;
  }

  public String displayName() {
    return table.displayName();
  }

  public RefreshSettings settings() {
    return settings;
  }

  /**
   * What a refresh sets for its transaction alone; the pool's sessions have the general settings.
   */
  String locals() {
    return switch (settings.commit()) {
          case ASYNCHRONOUS -> "; SET LOCAL synchronous_commit = off";
          case SERVER -> "";
        }
        + timeouts();
  }

  /** Its own timeouts, where it has any. */
  String timeouts() {
    Map<String, String> own = table.overrides().toMap();
    StringBuilder locals = new StringBuilder();
    if (own.containsKey("lock-timeout")) {
      locals.append("; SET LOCAL lock_timeout = ").append(settings.lockTimeout().toMillis());
    }
    if (own.containsKey("statement-timeout")) {
      locals
          .append("; SET LOCAL statement_timeout = ")
          .append(settings.statementTimeout().toMillis());
    }
    return locals.toString();
  }

  public Analysis analysis() {
    return compiled.analysis();
  }

  public DeltaConsumer consumer() {
    return compiled.consumer();
  }

  public Frontier frontier() {
    return frontier;
  }

  /** Whether the sources may not be what they were when the query was compiled. */
  public boolean sourcesSuspect() {
    return sourcesSuspect;
  }

  /** A source was altered: the query is analysed again before the next refresh. */
  public void suspectSources() {
    sourcesSuspect = true;
  }

  /** They were analysed again and mean what they meant. */
  public void trustSources() {
    sourcesSuspect = false;
  }

  /** A source is not the table that it was: the query is analysed again and refilled. */
  void replaceSources() {
    sourcesReplaced = true;
    sourcesSuspect = true;
  }

  /** Whether a refill is needed even if the sources mean what they meant. */
  public boolean sourcesReplaced() {
    return sourcesReplaced;
  }

  /** Its rows are found otherwise than its indexes want: a key of a source may be gone. */
  public void suspectIdentity() {
    rowsCollide = true;
    replaceSources();
  }

  /** Whether the engine's own indexes may be of another key than the query has now. */
  public boolean rowsCollide() {
    return rowsCollide;
  }

  /** No changes are kept for it: a stream table that it reads is broken. */
  void suspend() {
    suspended = true;
  }

  public boolean isSuspended() {
    return suspended;
  }

  /** What kept it from being refreshed with its graph the last time; empty if nothing did. */
  public Optional<String> waiting() {
    return waiting;
  }

  public void waiting(Optional<String> reason) {
    waiting = reason;
  }

  /** Something besides row changes happened: a scheduled tick has work. */
  public void requestRefresh() {
    refreshRequested = true;
  }

  /** Whether the next refresh shall move the frontier even if there is nothing to do. */
  boolean refreshRequested() {
    return refreshRequested;
  }

  /** For what the next refresh will find of the sources; the frontier has the last. */
  public SourceQuestions sourceQuestions() {
    return compiled.opening().questions();
  }

  /** The same as an expression. */
  public String sourceState() {
    return sourceQuestions().sql();
  }

  /** The same with the registrations of another capture. */
  public String sourceState(Capture other) {
    return new Opening(table.id(), compiled.analysis(), other).questions().sql();
  }

  /** The sources whose old rows have to be in the log, and how completely. */
  public List<CapturedSources.Captured> loggedSources() {
    return compiled.opening().logged();
  }

  /** Whether {@code found}, the answer to {@link #sourceQuestions}, is a reason to refresh. */
  public boolean sourcesDiffer(String found) {
    return SourceState.between(frontier.sourceFiles(), found) != SourceState.Change.NONE;
  }

  /** Rows in the stream table, an estimate from the fill and PostgreSQL's statistics. */
  public double rows() {
    return rows;
  }

  void rows(double count) {
    rows = count;
  }

  /** Guards a refresh, an alteration and the drop against each other. */
  public ReentrantLock lock() {
    return lock;
  }

  LearnedCosts costs() {
    return costs;
  }

  /** Another query costs something else. */
  void forgetCosts() {
    costs = new LearnedCosts();
  }

  Compiled compiled() {
    return compiled;
  }

  void compiled(Compiled next) {
    compiled = next;
    suspended = false;
    sourcesSuspect = false;
    sourcesReplaced = false;
    rowsCollide = false;
  }

  void frontier(Frontier next) {
    frontier = next;
    refreshRequested = false;
  }

  void table(StreamTable next, RefreshSettings nextSettings) {
    table = next;
    settings = nextSettings;
  }

  void remember(RefreshReport report) {
    synchronized (history) {
      history.addFirst(report);
      while (history.size() > historySize) {
        history.removeLast();
      }
    }
  }

  /** Newest first. */
  public List<RefreshReport> history() {
    synchronized (history) {
      return new ArrayList<>(history);
    }
  }

  /** Whether a scheduled tick may have something to do, answered without asking the server. */
  public boolean hasWork() {
    return followsClock() || hasChanges();
  }

  /** Whether time alone may change it. */
  public boolean followsClock() {
    return compiled.analysis().compiled().due().isPresent();
  }

  /** Whether there is something to do even if time stood still. */
  public boolean hasChanges() {
    return sourcesSuspect
        || refreshRequested
        || !frontier.valid()
        || !changesAreAnnounced()
        || consumer().pending().transactions() > 0;
  }

  /** Whether every change of the result shows as a pending transaction. */
  public boolean changesAreAnnounced() {
    Compiled now = compiled;
    return now.analysis().changesAreCaptured()
        && (!now.analysis().compiled().deltaNeeds().isEmpty()
            || now.views().watched().size() + now.analysis().upstreams().size()
                == now.analysis().bases().size());
  }
}
