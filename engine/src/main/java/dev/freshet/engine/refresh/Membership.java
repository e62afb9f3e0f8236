package dev.freshet.engine.refresh;

import dev.freshet.sql.AppliedChanges;
import dev.freshet.sql.SqlStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a stream table's refresh must know of the graph's transaction that it is part of.
 *
 * @param cut the graph's snapshot, with this table's sources and stored frontier
 * @param catchUp why no delta leads from its frontier to the cut; empty if one does
 * @param farBehind why nobody waited for the decoder, so that no delta is known; empty if it was
 * @param upstreams what was done to the stream tables that it may read
 * @param captures what its own dependents want to know of its changes; empty if nobody asks
 */
record Membership(
    Cut cut,
    Optional<String> catchUp,
    Optional<String> farBehind,
    Upstreams upstreams,
    Optional<AppliedChanges> captures) {

  /** The statements behind the temporary table that the triggers fill while they run. */
  List<SqlStatement> captured(List<SqlStatement> statements) {
    if (captures.isEmpty() || statements.isEmpty()) {
      return statements;
    }
    List<SqlStatement> all = new ArrayList<>(statements.size() + 1);
    all.add(captures.get().create());
    all.addAll(statements);
    return all;
  }
}
