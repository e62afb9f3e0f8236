package dev.freshet.chaos;

import java.util.List;
import java.util.Set;

/**
 * A stream table of the run.
 *
 * @param schedule as in the configuration
 * @param reads the tables that its query reads, directly or through another stream table
 */
record Shape(String name, String schedule, Set<String> reads, String query) {

  /** All of them: two levels, three graphs and a few that stand alone. */
  static final List<Shape> ALL =
      List.of(
          new Shape(
              "bank_branch",
              "continuous",
              Set.of("account"),
              """
              SELECT branch, count(*) AS accounts, sum(balance) AS total, min(balance) AS least,
                max(balance) AS most
              FROM account GROUP BY branch\
              """),
          new Shape(
              "bank_total",
              "continuous",
              Set.of("account"),
              "SELECT sum(accounts) AS accounts, sum(total) AS total FROM public.bank_branch"),
          new Shape(
              "bank_report",
              "continuous",
              Set.of("account", "branch"),
              """
              SELECT b.id, b.name, t.accounts, t.total
              FROM branch b JOIN public.bank_branch t ON t.branch = b.id\
              """),
          new Shape(
              "account_card",
              "100ms",
              Set.of("account", "branch"),
              """
              SELECT a.id, a.owner, a.balance, b.name AS branch
              FROM account a JOIN branch b ON b.id = a.branch\
              """),
          new Shape(
              "list_state",
              "calculated",
              Set.of("append"),
              """
              SELECT list, count(*) AS n, max(n) AS last, string_agg(n::text, ',' ORDER BY n) AS items
              FROM append GROUP BY list\
              """),
          new Shape(
              "list_copy",
              "continuous",
              Set.of("append"),
              "SELECT list, n, last, items FROM public.list_state"),
          new Shape(
              "item_tags",
              "100ms",
              Set.of("item", "tag"),
              """
              SELECT i.id, i.grp, i.name, i.body, t.label
              FROM item i LEFT JOIN tag t ON t.item = i.id\
              """),
          new Shape(
              "group_tags",
              "100ms",
              Set.of("item", "tag"),
              """
              SELECT grp, count(*) AS n, count(DISTINCT label) AS labels, max(label) AS last
              FROM public.item_tags GROUP BY grp\
              """),
          new Shape(
              "item_rank",
              "100ms",
              Set.of("item"),
              """
              SELECT id, grp, price, rank() OVER (PARTITION BY grp ORDER BY price DESC, id) AS place
              FROM item\
              """),
          new Shape(
              "item_top",
              "150ms",
              Set.of("item"),
              "SELECT id, name, price FROM item ORDER BY price DESC, id LIMIT 12"),
          new Shape("tag_bag", "100ms", Set.of("tag"), "SELECT label FROM tag"),
          new Shape(
              "tree",
              "200ms",
              Set.of("edge"),
              """
              WITH RECURSIVE t AS (
                SELECT child, weight, 1 AS depth FROM edge WHERE parent = 0
                UNION ALL
                SELECT e.child, t.weight + e.weight, t.depth + 1
                FROM edge e JOIN t ON e.parent = t.child)
              SELECT child, weight, depth FROM t\
              """),
          new Shape(
              "sensor_range",
              "100ms",
              Set.of("reading"),
              """
              SELECT sensor, count(*) AS n, min(value) AS least, max(value) AS most
              FROM reading GROUP BY sensor\
              """));

  /** Whether it reads one of {@code tables}. */
  boolean readsAny(Set<String> tables) {
    return reads.stream().anyMatch(tables::contains);
  }
}
