package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.Connections;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.survey.ScriptFile;
import dev.freshet.engine.survey.Workload;
import dev.freshet.engine.survey.WorkloadReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet compile}. */
@Command(
    name = "compile",
    header = "Tell for files of SQL which queries would be maintained incrementally.",
    description = {
      "Takes what you have: dumps of a schema, migrations, files of queries, in the order given.",
      "Each SELECT, CREATE VIEW and CREATE MATERIALIZED VIEW is judged, all other definitions are",
      "run so that queries find their tables. Data, privileges and commands of psql are skipped.",
      "",
      "Without a connection this happens in an empty database of an embedded PostgreSQL 18. With",
      "one (-d, -h, -p, -U or -c) the queries are analysed beside your own tables, in a",
      "transaction that is rolled back; definitions take their locks until then."
    },
    footer = {
      "",
      "Examples:",
      "  freshet compile schema.sql reports.sql",
      "  freshet compile --ddl schema.sql --json reports/*.sql",
      "  pg_dump --schema-only shop | freshet compile -",
      "  freshet compile -d shop reports.sql"
    })
final class CompileCommand extends FreshetCommand {
  private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'";

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files of SQL; - reads standard input.")
  List<Path> files = List.of();

  @Option(
      names = "--ddl",
      paramLabel = "FILE",
      description = "Definitions to run first; queries in it are not judged. Repeatable.")
  List<Path> definitions = List.of();

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  CompileCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  String problem() {
    return "A query is refused, or a definition failed.";
  }

  @Override
  public Integer call() throws SQLException {
    List<ScriptFile> scripts = new ArrayList<>();
    for (Path file : definitions) {
      scripts.add(new ScriptFile(file.toString(), contents(file), false));
    }
    for (Path file : files) {
      scripts.add(new ScriptFile(file.toString(), contents(file), true));
    }
    WorkloadReport report = judge(scripts);
    print(
        json
            ? JsonText.pretty(CompileText.forPrograms(report)) + "\n"
            : CompileText.of(report, styles()));
    return report.refused() == 0 && report.failures().isEmpty() ? ExitCode.OK : ExitCode.PROBLEM;
  }

  private WorkloadReport judge(List<ScriptFile> scripts) throws SQLException {
    if (options.nameDatabase(spec)) {
      return inOwnDatabase(config(), scripts);
    }
    ScratchServer server =
        ServiceLoader.load(ScratchServer.class)
            .findFirst()
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "This Freshet has no embedded PostgreSQL: name a database, for example -d"
                            + " shop"));
    return server.inNewDatabase(connection -> Workload.judge(connection, scripts));
  }

  /** Closing the connection without a commit undoes everything, whatever happens before. */
  private static WorkloadReport inOwnDatabase(FreshetConfig config, List<ScriptFile> scripts)
      throws SQLException {
    try (Connection connection = Connections.open(config.database());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        statement.execute(LOCK_TIMEOUT);
        return Workload.judge(connection, scripts);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "analyse the files");
    }
  }

  private String contents(Path file) {
    try {
      return file.toString().equals(QueryOption.STANDARD_INPUT)
          ? new String(terminal.in().readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ParameterException(spec.commandLine(), file + " does not exist", e);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
