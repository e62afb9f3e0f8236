package dev.freshet.engine.setup;

import dev.freshet.cdc.server.Finding;

/**
 * One thing that was looked at.
 *
 * @param name what: {@code wal_level}, {@code replication slot}, …
 * @param detail what was found, with the values that matter
 * @param remedy what to do about it, SQL on lines of its own; empty if there is nothing to do
 */
public record Check(String name, State state, String detail, String remedy) {

  /** How it was found. */
  public enum State {
    OK,
    /** Was missing and has been made. */
    DONE,
    /** Freshet works, but not as well or as safely as it could. */
    WARN,
    /** Freshet cannot work. */
    FAIL
  }

  static Check ok(String name, String detail) {
    return new Check(name, State.OK, detail, "");
  }

  static Check done(String name, String detail) {
    return new Check(name, State.DONE, detail, "");
  }

  static Check warn(String name, String detail, String remedy) {
    return new Check(name, State.WARN, detail, remedy);
  }

  static Check fail(String name, Finding finding) {
    return fail(
        name,
        finding.problem() + ": " + finding.consequence(),
        String.join("\n", finding.remedy()));
  }

  static Check fail(String name, String detail, String remedy) {
    return new Check(name, State.FAIL, detail, remedy);
  }
}
