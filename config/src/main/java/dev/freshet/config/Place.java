package dev.freshet.config;

import java.nio.file.Path;

/** Where a value was written. Its {@code toString} is what a person looks for. */
public sealed interface Place {
  /** A position in a file; line and column count from 1. */
  record InFile(Path file, int line, int column) implements Place {
    @Override
    public String toString() {
      return file + ":" + line + ":" + column;
    }
  }

  /** A file as a whole: it is missing, or unreadable. */
  record WholeFile(Path file) implements Place {
    @Override
    public String toString() {
      return file.toString();
    }
  }

  /** An environment variable. */
  record Variable(String name) implements Place {
    @Override
    public String toString() {
      return "environment variable " + name;
    }
  }

  /** An option of the command line, as the user wrote it: {@code --set cdc.slot-name}. */
  record Option(String flag) implements Place {
    @Override
    public String toString() {
      return "option " + flag;
    }
  }
}
