package dev.freshet.corpus;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.survey.ScriptFile;
import dev.freshet.engine.survey.Workload;
import dev.freshet.engine.survey.WorkloadReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All of the corpus, judged in one database of PostgreSQL 18. */
final class Corpus {
  static final Path DIRECTORY =
      Path.of(System.getProperty("basedir", ""), "src/main/resources/corpus");

  private Corpus() {}

  /** The files by name, so in alphabetical order. */
  static List<ScriptFile> files() throws IOException {
    List<ScriptFile> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(DIRECTORY)) {
      for (Path path : paths.sorted().toList()) {
        files.add(new ScriptFile(path.getFileName().toString(), Files.readString(path), true));
      }
    }
    return files;
  }

  static WorkloadReport judge(List<ScriptFile> files) throws SQLException {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Connection connection = database.connect()) {
      return Workload.judge(connection, files);
    }
  }
}
