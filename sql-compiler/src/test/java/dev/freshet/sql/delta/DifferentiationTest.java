package dev.freshet.sql.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules, read off the algebraic text of what they return. */
class DifferentiationTest {
  private static final ColumnType INT = new ColumnType("integer", 23, "int4", true, true, false);
  private static final Scan A = scan(1, "a");
  private static final Scan B = scan(2, "b");
  private static final ColumnRef A_X = new ColumnRef("a", "x");
  private static final ColumnRef B_X = new ColumnRef("b", "x");

  private static final Types TYPES =
      new Types(Map.of(A_X, new Typed(INT, true), B_X, new Typed(INT, true)), Map.of());

  private static Scan scan(int oid, String name) {
    return new Scan(
        name,
        new SourceTable(
            oid,
            new TableName("public", name),
            SourceTable.Kind.TABLE,
            List.of(new SourceTable.Column("x", INT, true, false)),
            List.of("x"),
            SourceTable.ReplicaIdentity.FULL,
            -1));
  }

  private static String delta(Operator query, Integer... changed) {
    return new Differentiation(Set.of(changed), _ -> new Shape(List.of("x"), List.of()), TYPES)
        .delta(query)
        .map(Weighted::tree)
        .map(Object::toString)
        .orElse("∅");
  }

  @Test
  void ofAnUnchangedSourceIsNothing() {
    assertThat(delta(A, 2)).isEqualTo("∅");
    assertThat(delta(new Join(List.of(A, A2()), List.of()), 2)).isEqualTo("∅");
  }

  private static Scan A2() {
    return new Scan("a2", A.table());
  }

  @Test
  void ofAFilterFiltersTheDelta() {
    assertThat(delta(new Filter(A, Scalar.of("(", A_X, " > 1)")), 1))
        .isEqualTo("Filter[(a.x > 1)](Δa)");
  }

  @Test
  void ofAProjectionProjectsTheDeltaAndKeepsItsWeight() {
    var q = new ColumnRef("q", "y");
    assertThat(delta(new Project(A, List.of(new Named(q, Scalar.of(A_X, " + 1")))), 1))
        .isEqualTo("Project[a.x + 1 → q.y, a.__freshet_weight](Δa)");
  }

  @Test
  void ofAJoinHasOneTermPerChangedSource() {
    var join = new Join(List.of(A, B), List.of(Scalar.of("(", A_X, " = ", B_X, ")")));
    assertThat(delta(join, 1))
        .isEqualTo(
            "Project[a.x, b.x, a.__freshet_weight → w1.__freshet_weight](Join[(a.x = b.x)](Δa,"
                + " Project[b.x](Scan(b))))");
    assertThat(delta(join, 2))
        .isEqualTo(
            "Project[a.x, b.x, b.__freshet_weight → w1.__freshet_weight](Join[(a.x ="
                + " b.x)](Project[a.x](Scan(a)), Δb))");
  }

  @Test
  void ofAJoinIsMultipliedOut() {
    var join = new Join(List.of(A, B), List.of());
    assertThat(delta(join, 1, 2))
        .contains("Join[](Δa, Project[b.x](Scan(b)))")
        .contains("Join[](Project[a.x](Scan(a)), Δb)")
        .contains("-w3.__freshet_weight → w4.__freshet_weight")
        .contains(
            "(a.__freshet_weight * b.__freshet_weight) → w3.__freshet_weight](Join[](Δa, Δb)");
  }

  @Test
  void ofASelfJoinHasATermPerOccurrence() {
    String delta = delta(new Join(List.of(A, A2()), List.of()), 1);
    assertThat(delta).startsWith("UnionAll(").contains("Join[](Δa, ").contains(", Δa2)");
  }

  @Test
  void ofAUnionSumsTheDeltas() {
    var q = new ColumnRef("u", "x");
    var union =
        new UnionAll(
            List.of(
                new Project(A, List.of(new Named(q, Scalar.column(A_X)))),
                new Project(B, List.of(new Named(q, Scalar.column(B_X))))));
    assertThat(delta(union, 1, 2)).startsWith("UnionAll(").contains("Δa").contains("Δb");
    assertThat(delta(union, 2)).doesNotContain("Δa").contains("Δb");
  }

  @Test
  void ofAnAggregateIsTheDifferenceOfBothStates() {
    var count = new Call(new ColumnRef("g", "n"), AggregateCall.countRows());
    assertThat(delta(new Aggregate(A, List.of(), List.of(count)), 1))
        .startsWith("UnionAll(Project[g.n, 1::bigint → ")
        .contains("(Aggregate[; count(*) → g.n](__freshet_now")
        .contains("(Aggregate[; count(*) → g.n](Copies(");
  }
}
