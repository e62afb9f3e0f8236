package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.Explanation;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet explain}. */
@Command(
    name = "explain",
    header = "Show how a query is maintained, and why so.",
    description = {
      "The operator tree with class and reason for each operator, what identifies a row, how it is",
      "stored, the replica identity that each source needs, and the indexes that sources lack.",
      "Changes nothing."
    },
    footer = {
      "",
      "Examples:",
      "  freshet explain revenue",
      "  freshet explain --file revenue.sql --changed orders,customers",
      "  freshet explain --query \"SELECT region, max(amount) FROM orders GROUP BY region\" --sql"
    })
final class ExplainCommand extends FreshetCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "A stream table; - reads a query from standard input.")
  @Nullable String name;

  @Mixin QueryOption queryOption = new QueryOption();

  @Option(
      names = "--changed",
      paramLabel = "SOURCE",
      split = ",",
      description = "Show the SQL of an incremental refresh for changes in these sources alone.")
  List<String> changed = List.of();

  @Option(names = "--sql", description = "Show all SQL: table, fill, refreshes, audit.")
  boolean sql;

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  private Optional<String> query = Optional.empty();

  ExplainCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Optional<String> query() {
    return query;
  }

  @Override
  public Integer call() {
    boolean dash = QueryOption.STANDARD_INPUT.equals(name);
    query = queryOption.read(spec, terminal, dash);
    if (query.isPresent() && name != null && !dash) {
      throw new ParameterException(spec.commandLine(), "Give a stream table or a query, not both");
    }
    String subject =
        query
            .or(() -> Optional.ofNullable(name))
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "Give a stream table's NAME, --query, --file or -"));
    FreshetConfig config = config();
    try (EngineClient client = EngineClient.connect(config)) {
      Explanation explanation = client.explain(subject);
      List<ExplainedSql> statements = ExplainedSql.of(explanation, changed, sql);
      print(
          json
              ? JsonText.pretty(ExplanationText.forPrograms(explanation, statements)) + "\n"
              : ExplanationText.of(
                  query.isPresent() ? "The query" : ExplainedSql.display(explanation.target()),
                  explanation,
                  statements,
                  styles()));
    }
    return ExitCode.OK;
  }
}
